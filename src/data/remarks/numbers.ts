/*
 * What numbers may mean that they do not say.
 */
import { optionText } from "../../util/option-text.ts";
import { describeNotation } from "../notation.ts";
import { cut, listed } from "../quote.ts";
import { isRunningNumber } from "../running-number.ts";
import type { TableFacts, TableRemark } from "./facts.ts";
import { count } from "../../util/words.ts";

/** Numbers of nines that stand far from all others, as some files write missing values. */
export function marksOfMissing({ whole }: TableFacts): TableRemark | undefined {
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

/** Numbers that are written otherwise than with a decimal point. */
export function otherNotations({ whole }: TableFacts): TableRemark | undefined {
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

/** Whole days as spreadsheets count them, from 1954 to 2064. */
export function dayNumbers({ whole, encoding: { columns } }: TableFacts): TableRemark | undefined {
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
export function runningNumbers(facts: TableFacts): TableRemark | undefined {
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
