/** What a user's own code threw, in one line: its message, cut where it is long, and the line of that code. */
export const thrown = (cause: unknown): string => `${messageOf(cause)}${placeOf(cause)}`;

/** Whether jax-js threw it, of an array that is used again after a use without `.ref`. */
export const isUseAfterFree = (cause: unknown): cause is Error =>
  cause instanceof ReferenceError && freed.test(cause.message);

const freed = /^Referenced tracer .*?\[([\d,]*)\]\)? freed/;

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return inOneLine(String(cause));
  const shape = freed.exec(cause.message)?.[1];
  return shape === undefined
    ? inOneLine(cause.message)
    : `an array of the shape [${shape.replaceAll(",", ", ")}] was used again after a use without \`.ref\``;
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

/** The folder of hypertrain's own modules, or a bundle that they are part of, as stacks name it: a bundle has no `import.meta`. */
const ours = folderIn(new Error("where this module is").stack);

function folderIn(stack = ""): string {
  const file = /(?:file:\/\/)?((?:https?:\/\/|\/|[A-Z]:\\)[^()\s]*?):\d+:\d+/.exec(stack)?.[1] ?? "";
  return file.replace(/util[\\/]thrown\.[jt]s$/, "");
}
