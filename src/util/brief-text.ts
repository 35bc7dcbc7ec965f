import { HostArray } from "./host-array.ts";

/**
 * Anything at all, as a message shows it: much as JSON has it, cut to some 80 characters, and arrays of numbers by their lengths. However large it is,
 * no more of it is looked at.
 */
export function briefText(value: unknown): string {
  let text = "";
  for (const piece of piecesOf(value)) {
    text += piece;
    if (text.length > LONGEST) return `${text.slice(0, LONGEST)}…`;
  }
  return text;
}

const LONGEST = 80;

/** The text piece by piece, so that a reader may stop; a value that holds itself has no end. */
function* piecesOf(value: unknown): Generator<string> {
  if (typeof value === "string") yield JSON.stringify(value.slice(0, LONGEST + 1));
  else if (typeof value === "bigint") yield `${value}n`;
  else if (typeof value === "function") yield "a function";
  else if (typeof value !== "object" || value === null) yield String(value);
  else if (value instanceof Date) yield JSON.stringify(value);
  else if (value instanceof HostArray) yield `HostArray [${value.shape.join(", ")}]`;
  else if (ArrayBuffer.isView(value)) yield nameOfView(value);
  else if (Array.isArray(value)) {
    yield* listed("[", value.values(), "]", (one) => piecesOf(one));
  } else {
    yield* listed("{", Object.keys(value).values(), "}", function* (name) {
      yield `${JSON.stringify(name)}:`;
      yield* piecesOf((value as Readonly<Record<string, unknown>>)[name]);
    });
  }
}

function* listed<T>(
  open: string,
  parts: Iterable<T>,
  close: string,
  piecesIn: (part: T) => Iterable<string>,
): Generator<string> {
  let before = open;
  for (const part of parts) {
    yield before;
    yield* piecesIn(part);
    before = ",";
  }
  yield before === open ? open + close : close;
}

const nameOfView = (view: ArrayBufferView): string =>
  `${view.constructor.name}(${"length" in view ? String(view.length) : view.byteLength})`;
