/** What a user's own code threw, in one line: its message, cut where it is long, and the line of that code. */
export const thrown = (cause: unknown): string => `${messageOf(cause)}${placeOf(cause)}`;

/** The shape of the array that jax-js threw it of, since it is used again after a use without `.ref`; nothing of what else was thrown. */
export function freedShape(cause: unknown): string | undefined {
  const sides = cause instanceof Error ? freed.exec(cause.message)?.[1] : undefined;
  return sides === undefined ? undefined : `[${sides.replaceAll(",", ", ")}]`;
}

const freed = /^Referenced tracer .*?\[([\d,]*)\]\)? freed/;

/** What jax-js throws of an array of one trace in another. */
const strayed = /^(Different traces at same level|Can't lift Tracer level)/;

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return inOneLine(String(cause));
  const shape = freedShape(cause);
  if (shape !== undefined)
    return `an array of the shape ${shape} was used again after a use without \`.ref\``;
  return strayed.test(cause.message)
    ? "it used an array that an earlier call had computed or was given; keep none between calls, or make it outside of the functions"
    : inOneLine(cause.message);
}

function inOneLine(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

const LONGEST = 400; // a function of jax-js may be shown in full

/** ` (at FILE:LINE)` of the user's own code at which something was thrown: the deepest that is neither jax-js's, Node's nor ours; nothing where none is. */
export function placeOf(cause: unknown): string {
  const [head = "", ...frames] = cause instanceof Error ? (cause.stack ?? "").split("\n") : [];
  if (/^(file:\/\/)?(\/|[A-Z]:\\).*:\d+$/.test(head)) return ` (at ${head.replace(/^file:\/\//, "")})`; // of what does not parse
  const own = frames.find(
    (frame) =>
      /:\d+:\d+\)?$/.test(frame) && !/node_modules|node:|@jax-js/.test(frame) && !frame.includes(ours),
  );
  const place = own && /\(?((?:file:\/\/|https?:\/\/|\/|[A-Z]:\\)[^()]*:\d+):\d+\)?$/.exec(own)?.[1];
  return place ? ` (at ${place.replace(/^file:\/\//, "")})` : "";
}

/** What a function of the user's own code returns; in what it throws, a line of that code is there, below jax-js's own many. */
export function withLongStacks<Result>(f: () => Result): Result {
  const { stackTraceLimit } = Error; // 10, unless somebody changed it
  Error.stackTraceLimit = 50;
  try {
    return f();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The folder of hypertrain's own modules, or a bundle that they are part of, as stacks name it: a bundle has no `import.meta`. */
const ours = folderIn(new Error("where this module is").stack);

function folderIn(stack = ""): string {
  const file = /(?:file:\/\/)?((?:https?:\/\/|\/|[A-Z]:\\)[^()\s]*?):\d+:\d+/.exec(stack)?.[1] ?? "";
  return file.replace(/util[\\/]thrown\.[jt]s$/, "");
}
