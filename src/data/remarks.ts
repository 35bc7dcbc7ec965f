import type { HostArray } from "../util/host-array.ts";
import { optionText } from "../util/option-text.ts";
import { classCounts, unevenClasses } from "./class-sizes.ts";
import type { Splits } from "./dataset.ts";
import { levelsTellClasses, levelsTellNumbers, tellsClasses, tellsNumbers } from "./leakage.ts";
import { describeNotation } from "./notation.ts";
import { count, cut, listed, quoted } from "./quote.ts";
import {
  encodeTarget,
  missingIn,
  textOf,
  type ColumnEncoding,
  type TableEncoding,
} from "./table-encoding.ts";
import type { TableDataOptions } from "./table-options.ts";
import { isRunningNumber } from "./running-number.ts";
import type { Column, Table } from "./table.ts";
import { totalsIn } from "./totals.ts";

/** What is known of a table and of what is made of it. */
export interface TableFacts {
  /** The table as it was read. */
  readonly whole: Table;
  readonly train: Table;
  readonly encoding: TableEncoding;
  /** Of the images that the columns are the pixels of. */
  readonly sides: readonly [height: number, width: number] | undefined;
  /** Of their pixels, where that is known. */
  readonly white: number | undefined;
  readonly splits: Splits;
  /** `stratify` as it was settled. */
  readonly options: Pick<
    TableDataOptions,
    "targetTransform" | "stratify" | "group" | "timeColumn" | "splitBy" | "keep"
  >;
}

/** One sentence of the report, on one or several columns. */
export interface TableRemark {
  readonly sentence: string;
  readonly names: readonly string[];
  /** The same in a few words, for each of these columns. */
  readonly short?: string;
}

/** All sentences, the worst first. */
export const remarksOf = (input: TableFacts): TableRemark[] =>
  [
    totals,
    leaking,
    withoutTarget,
    rareClasses,
    leftOut,
    missingValues,
    distant,
    marksOfMissing,
    otherNotations,
    codes,
    manyLevels,
    truths,
    differByCase,
    dayNumbers,
    runningNumbers,
    constants,
    skewed,
    pixels,
  ].flatMap((remark) => remark(input) ?? []);

function totals({ whole }: TableFacts): TableRemark | undefined {
  const found = totalsIn(whole);
  return found && { ...found, short: found.rows.length === 1 ? "a row of totals" : "rows of totals" };
}

/** Numbers of nines that stand far from all others, as some files write missing values. */
function marksOfMissing({ whole }: TableFacts): TableRemark | undefined {
  const marks = whole.columns.flatMap(({ kind, name, values }) => {
    if (kind !== "numbers") return [];
    const counts = new Map<number, number>();
    for (const value of values) if (isNines(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts].flatMap(([mark, rows]) => {
      const others = values.filter((value) => !Number.isNaN(value) && value !== mark);
      const low = others.reduce((a, b) => Math.min(a, b), Infinity);
      const high = others.reduce((a, b) => Math.max(a, b), -Infinity);
      const far = Math.max(low - mark, mark - high) > high - low;
      return rows > 1 && far && high > low ? [{ name, mark, rows }] : [];
    });
  });
  if (marks.length === 0) return undefined;
  const shown = marks
    .slice(0, 5)
    .map(({ name, mark, rows }) => `${mark} in "${cut(name)}" (${count(rows, "row")})`);
  return {
    names: marks.map(({ name }) => name),
    short: "a number that may stand for missing values",
    sentence: `numbers of ${whole.name} lie far from all others and may stand for missing values: ${shown.join(", ")}; if they do, leave these cells empty`,
  };
}

const nines: ReadonlySet<number> = new Set([99, 99.9, 99.99, 999, 999.9, 999.99, 9999, 9999.9, 99_999, 999_999, 9_999_999]); // prettier-ignore
const isNines = (value: number): boolean => Math.abs(value) >= 99 && nines.has(Math.abs(value));

function leaking({ whole, train, encoding }: TableFacts): TableRemark | undefined {
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

function withoutTarget({ whole, encoding: { target } }: TableFacts): TableRemark | undefined {
  const column = whole.columns.find(({ name }) => name === target.name) as Column;
  const lacking = missingIn(column);
  if (lacking === 0) return undefined;
  return {
    names: [target.name],
    short: `${count(lacking, "missing value")}`,
    sentence: `${lacking} of ${count(whole.rows, "row")} of ${whole.name} lack${lacking === 1 ? "s" : ""} the target "${cut(target.name)}" and ${lacking === 1 ? "is" : "are"} left out`,
  };
}

function rareClasses({ whole, encoding: { target }, options }: TableFacts): TableRemark | undefined {
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

function leftOut({ whole, encoding: { unused } }: TableFacts): TableRemark | undefined {
  const told = unused.filter(({ why }) => why !== "to be ignored" && why !== "it says how to split");
  if (told.length === 0) return undefined;
  const shown = told.slice(0, 5).map(({ name, why }) => `"${cut(name)}" (${why})`);
  const rest = told.length > 5 ? ` and ${told.length - 5} more` : "";
  return {
    names: told.map(({ name }) => name),
    sentence: `${count(told.length, "column")} of ${whole.name} ${told.length === 1 ? "is" : "are"} left out: ${shown.join(", ")}${rest}; ${optionText("keep")} takes one in`,
  };
}

function missingValues({ whole, encoding }: TableFacts): TableRemark | undefined {
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

/** How many deviations from the mean of the training part are far. */
const FAR = 10;

function distant({ whole, encoding, splits }: TableFacts): TableRemark | undefined {
  const parts = splits.test ? [splits.valid, splits.test] : [splits.valid];
  const found = distantIn(
    whole.name,
    encoding,
    parts.flatMap(({ fields }) => fields.x ?? []),
  );
  return (
    found && {
      ...found,
      short: "values far from the training part",
      sentence: `${found.sentence}, in the validation or test part`,
    }
  );
}

/**
 * Numbers and dates that lie far from those of the training part, in a sentence; undefined where there are none.
 *
 * @param inputs what {@link encodeInputs} makes of rows
 */
export function distantIn(
  name: string,
  { columns }: Pick<TableEncoding, "columns">,
  inputs: readonly HostArray[],
): { readonly sentence: string; readonly names: readonly string[] } | undefined {
  const numbers = columns.flatMap((column) =>
    column.features.map((_, k) => (tellsHowFar(column, k) ? column.name : undefined)),
  );
  const counts = new Map<string, number>();
  for (const { data } of inputs) {
    data.forEach((value, i) => {
      const name = Math.abs(value) > FAR ? numbers[i % numbers.length] : undefined;
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    });
  }
  if (counts.size === 0) return undefined;
  const names = [...counts.keys()];
  const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
  const sentence = `${count(total, "value")} of ${name} in ${listed(names)} ${total === 1 ? "lies" : "lie"} beyond ${FAR} standard deviations of the training part`;
  return { names, sentence };
}

/** Of a date the days gone by: months, weekdays and hours go round, and the days tell of years, too. */
const tellsHowFar = (column: ColumnEncoding, feature: number): boolean =>
  column.kind === "date" ? column.parts[feature] === "elapsed" : column.kind === "number" && feature === 0;

function otherNotations({ whole }: TableFacts): TableRemark | undefined {
  const others = whole.columns.flatMap((column) => {
    if (column.kind !== "numbers" || !column.notation) return [];
    const described = describeNotation(column.notation);
    return described === "a decimal point" ? [] : [{ name: column.name, described }];
  });
  const [first] = others;
  if (!first) return undefined;
  const kinds = [...Map.groupBy(others, ({ described }) => described)].map(([described, columns], i) => {
    const how = described.startsWith("times") ? `as ${described}` : `with ${described}`;
    const names = `in ${listed(columns.map(({ name }) => name))}`;
    return i === 0 ? `${names} are read ${how}` : `those ${names} ${how}`;
  });
  return {
    names: others.map(({ name }) => name),
    short: "numbers in another notation",
    sentence: `numbers of ${whole.name} ${kinds.slice(0, 3).join("; ")}${kinds.length > 3 ? "; and others in other ways" : ""}`,
  };
}

/** Text that could be numbers. */
function codes({ whole, encoding: { unused } }: TableFacts): TableRemark | undefined {
  const ignored = new Set(unused.flatMap(({ name, why }) => (why === "to be ignored" ? [name] : [])));
  const found = whole.columns.filter(
    (column) => column.kind === "words" && column.codes && !ignored.has(column.name),
  );
  const [first] = found;
  if (!first) return undefined;
  const names = found.map(({ name }) => name);
  const example = textOf(first).find((text) => text?.startsWith("0") && text.length > 1) as string;
  return {
    names,
    short: "codes, taken as text",
    sentence: `${listed(names)} of ${whole.name} ${names.length === 1 ? "holds" : "hold"} whole numbers of which some begin with 0, such as ${quoted(example)}; they are taken as codes, so as text; where they are quantities, ${asNumbers(first.name)}`,
  };
}

/** What to do where codes are numbers, as messages say it. */
export const asNumbers = (name: string): string =>
  `take them as numbers with ${optionText("types", { [name]: "number" })}`;

function manyLevels({ whole, encoding: { columns } }: TableFacts): TableRemark | undefined {
  const names = columns.flatMap((column) =>
    column.kind === "category" && column.other ? [column.name] : [],
  );
  if (names.length === 0) return undefined;
  return {
    names,
    short: "rare texts share a level",
    sentence: `text of ${whole.name} in ${listed(names)} has more than 100 different values, of which the rarest share a level`,
  };
}

const levelsOf = (column: ColumnEncoding | TableEncoding["target"]): readonly string[] =>
  column.kind === "category" ? column.levels : column.kind === "classes" ? column.classes : [];

const truthOf: Readonly<Record<string, boolean>> = Object.assign(Object.create(null) as object, {
  ...{ yes: true, y: true, true: true, t: true, "1": true, on: true, x: true },
  ...{
    ja: true,
    j: true,
    wahr: true,
    oui: true,
    vrai: true,
    si: true,
    sí: true,
    sim: true,
    verdadero: true,
    vero: true,
  },
  ...{ nein: false, falsch: false, non: false, faux: false, não: false, falso: false, nee: false },
  ...{ no: false, n: false, false: false, f: false, "0": false, off: false },
});

/** The texts of a column that say yes or no, in more spellings than one. */
function truthsIn(column: ColumnEncoding | TableEncoding["target"]): readonly string[] {
  const levels = levelsOf(column);
  const truths = levels.map((level) => truthOf[level.toLowerCase()]);
  return levels.length > 2 && !truths.includes(undefined) ? levels : [];
}

function truths({ whole, encoding: { columns, target } }: TableFacts): TableRemark | undefined {
  const names = [...columns, target].flatMap((column) => (truthsIn(column).length > 0 ? [column.name] : []));
  const [first] = [...columns, target].map(truthsIn).filter((levels) => levels.length > 0);
  if (!first) return undefined;
  return {
    names,
    short: "yes and no in several spellings",
    sentence: `${listed(names)} of ${whole.name} say${names.length === 1 ? "s" : ""} yes and no in several spellings, such as ${listed(first, 4)}, which are taken as different; write them alike`,
  };
}

function differByCase({ whole, encoding: { columns, target } }: TableFacts): TableRemark | undefined {
  const pairs = [...columns, target].flatMap((column) => {
    if (truthsIn(column).length > 0) return []; // told already
    const levels = levelsOf(column);
    const seen = new Map<string, string>();
    for (const level of levels) {
      const other = seen.get(level.toLowerCase());
      if (other !== undefined) return [{ name: column.name, pair: [other, level] }];
      seen.set(level.toLowerCase(), level);
    }
    return [];
  });
  const [first] = pairs;
  if (!first) return undefined;
  return {
    names: pairs.map(({ name }) => name),
    short: "values that differ by case only",
    sentence: `values of ${whole.name} in ${listed(pairs.map(({ name }) => name))} differ by case only, such as ${listed(first.pair)}; they are taken as different`,
  };
}

/** Whole days as spreadsheets count them, from 1954 to 2064. */
function dayNumbers({ whole, encoding: { columns } }: TableFacts): TableRemark | undefined {
  const used = new Set(columns.map(({ name }) => name));
  const names = whole.columns.flatMap(({ kind, name, values }) => {
    if (kind !== "numbers" || !used.has(name) || !/(^|[\s_.-])(date|day|datum)|date$/i.test(name)) return [];
    return values.every((value) => Number.isNaN(value) || (value > 20_000 && value < 60_000)) ? [name] : [];
  });
  if (names.length === 0) return undefined;
  return {
    names,
    short: "days as numbers",
    sentence: `${listed(names)} of ${whole.name} seem${names.length === 1 ? "s" : ""} to hold dates as a spreadsheet counts days; they are taken as numbers, and dates written as year-month-day could be taken apart with ${optionText("dates", "parts")}`,
  };
}

/** Numbers that count rows and are inputs all the same, unless someone asked for that. */
function runningNumbers(facts: TableFacts): TableRemark | undefined {
  const { whole, train, encoding, options } = facts;
  const told = [...(options.keep ?? []), ...(dayNumbers(facts)?.names ?? [])];
  const used = new Set(encoding.columns.map(({ name }) => name));
  const names = train.columns.flatMap(({ kind, name, values }) =>
    kind === "numbers" && used.has(name) && !told.includes(name) && isRunningNumber(values) ? [name] : [],
  );
  if (names.length === 0) return undefined;
  const one = names.length === 1;
  return {
    names,
    short: "a whole number of its own for each row",
    sentence: `${listed(names)} of ${whole.name} ${one ? "gives" : "give"} each row a whole number of its own, as a running number does, and ${one ? "is" : "are"} taken as ${one ? "an input" : "inputs"}; leave ${one ? "it" : "them"} out with ${optionText("ignore")} if ${one ? "it says" : "they say"} no more than where a row stands`,
  };
}

function constants({ whole, encoding: { columns } }: TableFacts): TableRemark | undefined {
  const names = columns.flatMap(({ name, features }) => (features.every(({ sd }) => sd === 0) ? [name] : []));
  if (names.length === 0) return undefined;
  return {
    names,
    short: "constant in the training part",
    sentence: `${count(names.length, "column")} of ${whole.name} ${names.length === 1 ? "is" : "are"} constant in the training part and count${names.length === 1 ? "s" : ""} as 0 everywhere: ${listed(names)}`,
  };
}

function skewed({ whole, train, encoding: { target }, options }: TableFacts): TableRemark | undefined {
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

function pixels({ whole, encoding: { columns }, sides, white }: TableFacts): TableRemark | undefined {
  if (!sides) return undefined;
  const names = columns.map(({ name }) => name);
  const tones = white === undefined ? "" : `, 0 for black to ${white} for white,`;
  return {
    names,
    short: "a pixel",
    sentence: `${columns.length} columns of ${whole.name}, "${names[0]}" to "${names.at(-1)}", are the pixels of images of ${sides[0]} x ${sides[1]}${tones} and have one scale; ${optionText("model", "simple-cnn")} takes them as such`,
  };
}
