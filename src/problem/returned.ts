import { isPromise } from "../util/given.ts";
import { HostArray } from "../util/host-array.ts";

/** Tells the arrays that a function of a problem must return, and what to call one: `a HostArray`. */
export interface ArrayKind {
  is(value: unknown): boolean;
  readonly noun: string;
}

/** Arrays of jax-js, and what stands for them in a trace. */
export const jaxArrays: ArrayKind = {
  is: (value) => typeof (value as { dispose?: unknown } | null | undefined)?.dispose === "function",
  noun: "an array of jax-js",
};

/** Arrays that are no engine's. */
export const hostArrays: ArrayKind = { is: (value) => value instanceof HostArray, noun: "a HostArray" };

/**
 * What a function of a problem returned that is no array, nor an object of arrays by name, with its place and what to do; nothing where all is well.
 */
export function strangerIn(value: unknown, kind: ArrayKind, path = ""): string | undefined {
  if (kind.is(value)) return undefined;
  if (!isPlain(value) || isPromise(value)) return strangeText(value, kind, path);
  for (const [name, child] of Object.entries(value)) {
    const found = strangerIn(child, kind, pathTo(path, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is no array, as a message says that it was returned, and what to do. */
export function strangeText(value: unknown, { noun }: ArrayKind, path = ""): string {
  const place = path === "" ? "" : ` as "${path}"`;
  return `${wordsFor(value)}${place}; ${mendOf(value, noun)}`;
}

/** Where an entry of an object stands: the names on the way there. */
export const pathTo = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function wordsFor(value: unknown): string {
  if (isPromise(value)) return "a promise";
  const kind = [jaxArrays, hostArrays].find(({ is }) => is(value));
  if (kind) return kind.noun;
  if (Array.isArray(value)) return "a list";
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value === "object") return value === null ? "null" : "an object";
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

function mendOf(value: unknown, noun: string): string {
  if (isPromise(value)) return "leave out `async`";
  return value === undefined ? "return what it computes" : `make it ${noun}`;
}
