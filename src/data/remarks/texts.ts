/*
 * What texts may mean that they do not say.
 */
import { optionText } from "../../util/option-text.ts";
import { listed, quoted } from "../quote.ts";
import { textOf } from "../column-values.ts";
import type { ColumnEncoding, TableEncoding } from "../table-encoding.ts";
import type { TableFacts, TableRemark } from "./facts.ts";

/** Text that could be numbers. */
export function codes({ whole, encoding: { unused } }: TableFacts): TableRemark | undefined {
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

/** Text with more values than have a level of their own. */
export function manyLevels({ whole, encoding: { columns } }: TableFacts): TableRemark | undefined {
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

/** Text that says yes and no in several spellings. */
export function truths({ whole, encoding: { columns, target } }: TableFacts): TableRemark | undefined {
  const names = [...columns, target].flatMap((column) => (truthsIn(column).length > 0 ? [column.name] : []));
  const [first] = [...columns, target].map(truthsIn).filter((levels) => levels.length > 0);
  if (!first) return undefined;
  return {
    names,
    short: "yes and no in several spellings",
    sentence: `${listed(names)} of ${whole.name} say${names.length === 1 ? "s" : ""} yes and no in several spellings, such as ${listed(first, 4)}, which are taken as different; write them alike`,
  };
}

/** Text of which values differ by case alone. */
export function differByCase({ whole, encoding: { columns, target } }: TableFacts): TableRemark | undefined {
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
