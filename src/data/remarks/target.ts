/*
 * What is odd about the column to predict, and about what predicts it.
 */
import { optionText } from "../../util/option-text.ts";
import { classCounts, unevenClasses } from "../class-sizes.ts";
import { levelsTellClasses, levelsTellNumbers, tellsClasses, tellsNumbers } from "../leakage.ts";
import { cut, listed } from "../quote.ts";
import { missingIn, textOf } from "../column-values.ts";
import { encodeTarget } from "../encode-target.ts";
import type { Column } from "../table.ts";
import type { TableFacts, TableRemark } from "./facts.ts";
import { count } from "../../util/words.ts";

/** Columns that alone predict the target all but perfectly. */
export function leaking({ whole, train, encoding }: TableFacts): TableRemark | undefined {
  const y = encodeTarget(encoding, train).data;
  const classes = encoding.target.kind === "classes";
  const names = encoding.columns
    .filter(({ name, kind }) => {
      const column = train.columns.find((candidate) => candidate.name === name) as Column;
      if (column.kind === "numbers") return (classes ? tellsClasses : tellsNumbers)(column.values, y);
      return kind === "category" && (classes ? levelsTellClasses : levelsTellNumbers)(column.values, y);
    })
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  return {
    names,
    short: "predicts the target all but perfectly",
    sentence: `${names.length === 1 ? `column ${listed(names)} of ${whole.name} alone predicts` : `each of the columns ${listed(names)} of ${whole.name} alone predicts`} the target "${cut(encoding.target.name)}" all but perfectly; leave it out with ${optionText("ignore")} if it is not known when a prediction is wanted`,
  };
}

/** Rows that lack the target. */
export function withoutTarget({ whole, encoding: { target } }: TableFacts): TableRemark | undefined {
  const column = whole.columns.find(({ name }) => name === target.name) as Column;
  const lacking = missingIn(column);
  if (lacking === 0) return undefined;
  return {
    names: [target.name],
    short: `${count(lacking, "missing value")}`,
    sentence: `${lacking} of ${count(whole.rows, "row")} of ${whole.name} lack${lacking === 1 ? "s" : ""} the target "${cut(target.name)}" and ${lacking === 1 ? "is" : "are"} left out`,
  };
}

/** Classes of few rows, or of many more than others. */
export function rareClasses({ whole, encoding: { target }, options }: TableFacts): TableRemark | undefined {
  if (target.kind !== "classes") return undefined;
  const column = whole.columns.find(({ name }) => name === target.name) as Column;
  const uneven = unevenClasses(classCounts(textOf(column)), {
    where: `"${cut(target.name)}" in ${whole.name}`,
    regardless: drawnRegardless(options),
  });
  return uneven && { names: [target.name], ...uneven };
}

/** Whether rows are drawn without a look at their classes, and another way could be had. */
const drawnRegardless = ({ stratify, group, timeColumn, splitBy }: TableFacts["options"]): boolean =>
  stratify === false && group === undefined && timeColumn === undefined && splitBy !== "tail";

/** A positive number to predict, skewed to the right. */
export function skewed({ whole, train, encoding: { target }, options }: TableFacts): TableRemark | undefined {
  if (target.kind !== "number" || options.targetTransform === "log") return undefined;
  const { values } = train.columns.find(({ name }) => name === target.name) as Column;
  const numbers = Array.from(values as ArrayLike<number>);
  const cubes = numbers.reduce((sum, value) => sum + ((value - target.mean) / target.sd) ** 3, 0);
  if (numbers.length < 20 || cubes / numbers.length < 3 || numbers.some((value) => value <= 0))
    return undefined;
  return {
    names: [target.name],
    short: "skewed",
    sentence: `the target "${cut(target.name)}" of ${whole.name} is skewed to the right and positive; try ${optionText("targetTransform", "log")}`,
  };
}
