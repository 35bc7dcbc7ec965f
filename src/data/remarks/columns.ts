/*
 * What becomes of the columns.
 */
import { optionText } from "../../util/option-text.ts";
import { cut, listed } from "../quote.ts";
import { missingIn } from "../column-values.ts";
import type { TableFacts, TableRemark } from "./facts.ts";
import { count } from "../../util/words.ts";

/** Columns that are no inputs, and why. */
export function leftOut({ whole, encoding: { unused } }: TableFacts): TableRemark | undefined {
  const told = unused.filter(({ why }) => why !== "to be ignored" && why !== "it says how to split");
  if (told.length === 0) return undefined;
  const shown = told.slice(0, 5).map(({ name, why }) => `"${cut(name)}" (${why})`);
  const rest = told.length > 5 ? ` and ${told.length - 5} more` : "";
  return {
    names: told.map(({ name }) => name),
    sentence: `${count(told.length, "column")} of ${whole.name} ${told.length === 1 ? "is" : "are"} left out: ${shown.join(", ")}${rest}; ${optionText("keep")} takes one in`,
  };
}

/** How many values are missing, and what becomes of them. */
export function missingValues({ whole, encoding }: TableFacts): TableRemark | undefined {
  const names = new Set(encoding.columns.map(({ name }) => name));
  const gaps = whole.columns
    .filter(({ name }) => names.has(name))
    .map((column) => ({
      name: column.name,
      missing: missingIn(column),
    }))
    .filter(({ missing }) => missing > 0)
    .sort((a, b) => b.missing - a.missing);
  if (gaps.length === 0) return undefined;
  const total = gaps.reduce((sum, { missing }) => sum + missing, 0);
  const shown = gaps.slice(0, 5).map(({ name, missing }) => `"${cut(name)}" ${missing}`);
  const rest = gaps.length > 5 ? ` and ${gaps.length - 5} more` : "";
  return {
    names: gaps.map(({ name }) => name),
    short: "missing values",
    sentence: `${count(total, "value")} of ${whole.name} ${total === 1 ? "is" : "are"} missing in ${count(gaps.length, "column")} (${shown.join(", ")}${rest}): numbers get the median of the training part and an indicator, text a level of its own`,
  };
}

/** Columns that are constant in the training part. */
export function constants({ whole, encoding: { columns } }: TableFacts): TableRemark | undefined {
  const names = columns.flatMap(({ name, features }) => (features.every(({ sd }) => sd === 0) ? [name] : []));
  if (names.length === 0) return undefined;
  return {
    names,
    short: "constant in the training part",
    sentence: `${count(names.length, "column")} of ${whole.name} ${names.length === 1 ? "is" : "are"} constant in the training part and count${names.length === 1 ? "s" : ""} as 0 everywhere: ${listed(names)}`,
  };
}

/** Columns that are the pixels of images. */
export function pixels({ whole, encoding: { columns }, sides, white }: TableFacts): TableRemark | undefined {
  if (!sides) return undefined;
  const names = columns.map(({ name }) => name);
  const tones = white === undefined ? "" : `, 0 for black to ${white} for white,`;
  return {
    names,
    short: "a pixel",
    sentence: `${columns.length} columns of ${whole.name}, "${names[0]}" to "${names.at(-1)}", are the pixels of images of ${sides[0]} x ${sides[1]}${tones} and have one scale; ${optionText("model", "simple-cnn")} takes them as such`,
  };
}
