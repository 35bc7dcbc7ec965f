import type { WireColumn } from "../src/api/columns.ts";
import { decimalOf } from "../src/util/decimal.ts";

/** What a filter keeps. */
export type Filter =
  | { readonly kind: "rows"; readonly keeps: (row: number) => boolean }
  | { readonly kind: "mistake"; readonly sentence: string };

/**
 * Reads a filter: conditions with blanks between, all of which must hold, as `loss<0.5 state=complete l2.fc1>=1e-4`. Names and values with
 * blanks or signs stand in quotes: `"test loss"<0.1`. A number alone is that of a trial.
 */
export function parseFilter(text: string, columns: readonly WireColumn[]): Filter {
  const tests: ((row: number) => boolean)[] = [];
  for (const word of wordsOf(text)) {
    const { name, sign, value } = conditionOf(/^\d+$/.test(word) ? `trial=${word}` : word) ?? {};
    const column = columns.find((one) => one.name === name);
    if (!column || sign === undefined || value === undefined) {
      const names = columns.map((one) => quoted(one.name)).join(", ");
      return { kind: "mistake", sentence: `write NAME<VALUE with one of ${names}, not “${word}”` };
    }
    const wanted = column.options ? column.options.indexOf(value) : decimalOf(value);
    if (Number.isNaN(wanted) || (column.options && wanted < 0)) {
      const kinds = column.options ? column.options.map(quoted).join(", ") : "a number";
      return { kind: "mistake", sentence: `${quoted(column.name)} is ${kinds}, not “${value}”` };
    }
    const compare = comparisons[sign];
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
  const others = wordsOf(text).filter((word) => conditionOf(word)?.name !== name);
  if (!part) return others.join(" ");
  const [low, high] = part;
  const called = quoted(name);
  if (options) {
    const nearest = Math.min(options.length - 1, Math.max(0, Math.round((low + high) / 2)));
    return [...others, `${called}=${quoted(options[nearest] ?? "")}`].join(" ");
  }
  return [
    ...others,
    `${called}>=${Number(low.toPrecision(4))}`,
    `${called}<=${Number(high.toPrecision(4))}`,
  ].join(" ");
}

/** Conditions: parts between blanks that are not in quotes; a quote that does not end ends with the text. */
const wordsOf = (text: string): readonly string[] =>
  text.match(/(?:"(?:[^"\\]|\\.)*(?:"|$)|[^\s"])+/gs) ?? [];

function conditionOf(word: string) {
  const [, name, sign, value] = /^("(?:[^"\\]|\\.)*"|[^<>=!"]+)(<=|>=|!=|=|<|>)(.+)$/s.exec(word) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return { name: unquoted(name), sign: sign as keyof typeof comparisons, value: unquoted(value) }; // which the pattern has
}

/** A name or a value as a filter has it. */
const quoted = (text: string): string =>
  /^[^\s<>=!"\\]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, "\\$&")}"`;

const unquoted = (text: string): string =>
  /^".*"$/s.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/gs, "$1") : text;
