import type { WireColumn } from "../src/api/columns.ts";

/** What a filter keeps. */
export type Filter =
  | { readonly kind: "rows"; readonly keeps: (row: number) => boolean }
  | { readonly kind: "mistake"; readonly sentence: string };

/**
 * Reads a filter: conditions with blanks between, all of which must hold, as `loss<0.5 state=complete l2.fc1>=1e-4`. A number alone is that of
 * a trial.
 */
export function parseFilter(text: string, columns: readonly WireColumn[]): Filter {
  const tests: ((row: number) => boolean)[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [, name = "", sign = "", value = ""] =
      /^([^<>=!]+?)(<=|>=|!=|=|<|>)(.+)$/.exec(/^\d+$/.test(word) ? `trial=${word}` : word) ?? [];
    const column = columns.find((one) => one.name === name);
    if (!column) {
      const names = columns.map((one) => one.name).join(", ");
      return { kind: "mistake", sentence: `write NAME<VALUE with one of ${names}, not “${word}”` };
    }
    const wanted = column.options ? column.options.indexOf(value) : Number(value);
    if (Number.isNaN(wanted) || (column.options && wanted < 0)) {
      const kinds = column.options ? column.options.join(", ") : "a number";
      return { kind: "mistake", sentence: `${name} is ${kinds}, not “${value}”` };
    }
    const compare = comparisons[sign as keyof typeof comparisons];
    const { values } = column;
    tests.push((row) => compare(values[row] as number, wanted));
  }
  return { kind: "rows", keeps: (row) => tests.every((test) => test(row)) };
}

const comparisons = {
  "<": (a: number, b: number) => a < b,
  ">": (a: number, b: number) => a > b,
  "<=": (a: number, b: number) => a <= b,
  ">=": (a: number, b: number) => a >= b,
  "=": (a: number, b: number) => a === b,
  "!=": (a: number, b: number) => a !== b,
};

/** A filter with another part of a column, or without one; its other conditions stay. */
export function brushed(
  text: string,
  { name, options }: WireColumn,
  part?: readonly [low: number, high: number],
): string {
  const others = text.split(/\s+/).filter((word) => word !== "" && !conditionOn(name, word));
  if (!part) return others.join(" ");
  const [low, high] = part;
  if (options) {
    const nearest = Math.min(options.length - 1, Math.max(0, Math.round((low + high) / 2)));
    return [...others, `${name}=${options[nearest]}`].join(" ");
  }
  return [
    ...others,
    `${name}>=${Number(low.toPrecision(4))}`,
    `${name}<=${Number(high.toPrecision(4))}`,
  ].join(" ");
}

const conditionOn = (name: string, word: string): boolean =>
  word.startsWith(name) && /^(<=|>=|!=|=|<|>)/.test(word.slice(name.length));
