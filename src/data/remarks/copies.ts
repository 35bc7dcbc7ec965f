/*
 * Rows that are copies of others, in all or but for the target.
 */
import { optionText } from "../../util/option-text.ts";
import { encodeTarget } from "../encode-target.ts";
import { identifiesRows } from "../fit-column.ts";
import { foldedParts } from "../fold-rows.ts";
import { joinedParts, partsByRow, type RowParts } from "../split.ts";
import type { Column } from "../table.ts";
import type { TableFacts, TableRemark } from "./facts.ts";
import { count } from "../../util/words.ts";

/** Fewer rows than this share of the rows move no loss that anyone could see. */
const SHARE = 0.01;

/** So many rows that have copies are held against all others. */
const SAMPLED = 200;

/**
 * Rows in several parts or folds that are the same in every column, the target's with them, where chance makes none.
 *
 * How many rows are the same by chance depends on how the columns hang together, which nobody knows. But chance comes as near as it
 * comes: rows that agree in all d inputs agree in d - 1 of them first, and wherever whole rows coincide by chance, others differ from them in one input alone, or
 * in the target alone. A pasted row has no such neighbours where the table is fine enough for a copy to be known as one. So copies are told where most
 * rows that have some are without neighbours: not of a table of few yes and no, nor of one that counts a few coarse things, however many rows are the same there.
 */
export function copies(facts: TableFacts): TableRemark | undefined {
  const { whole, table, options } = facts;
  const { inputs, targets } = columnsOf(facts);
  const groups = rowsAlike([...inputs, targets], table.rows);
  const copied = groups.reduce((sum, { length }) => sum + length - 1, 0);
  if (copied < SHARE * table.rows || groups.length === 0) return undefined;
  const torn = tornApart(facts, groups);
  const [first] = torn;
  if (!first || !areLonely(groups, { inputs, targets, rows: table.rows })) return undefined;
  const apart =
    options.folds === undefined ? `, or name a column that they share with ${optionText("group")}` : "";
  return {
    names: [],
    sentence: `${count(copied, "row")} of ${whole.name} ${copied === 1 ? "is a copy" : "are copies"} of others, the target included (such as ${linesOf(facts, first.slice(0, 2))}), more than chance makes, and ${count(torn.length, "row")} ${torn.length === 1 ? "is" : "are"} in several ${placesOf(options)}, so that validation or test look better than they are; leave one of each${apart}`,
  };
}

/**
 * Rows that have the inputs of others, but another target, where chance makes none: of classes, a floor of the error of any model; in several parts or folds,
 * rows that are not new to the network which answers for them.
 *
 * Chance is told by the same rule as with {@link copies}: such rows have no neighbours that differ in one input.
 */
export function contradictions(facts: TableFacts): TableRemark | undefined {
  const { whole, table, options, encoding } = facts;
  const { inputs, targets } = columnsOf(facts);
  const valueOf = (row: number) => targets.values[row];
  const groups = rowsAlike(inputs, table.rows).filter((rows) => new Set(rows.map(valueOf)).size > 1);
  const told = groups.reduce((sum, { length }) => sum + length, 0);
  const [first] = groups;
  if (told < SHARE * table.rows || !first) return undefined;
  const torn = tornApart(facts, groups).length;
  const isClasses = encoding.target.kind === "classes";
  if ((torn === 0 && !isClasses) || !areLonely(groups, { inputs, rows: table.rows })) return undefined;
  const most = (rows: readonly number[]) =>
    Math.max(...[...Map.groupBy(rows, valueOf).values()].map(({ length }) => length));
  const wrong = groups.reduce((sum, rows) => sum + rows.length - most(rows), 0);
  const other = first.find((row) => valueOf(row) !== valueOf(first[0] as number)) as number;
  const floor = isClasses
    ? `any model is wrong for ${wrong} of them or more`
    : "no model can predict them all";
  const parts =
    torn === 0
      ? ""
      : `, and ${torn} of these inputs ${torn === 1 ? "is" : "are"} in several ${placesOf(options)}, so that validation or test are not of new rows alone`;
  const ways = [
    "correct what is wrong",
    "add a column that tells them apart",
    ...(torn === 0 || options.folds !== undefined
      ? []
      : [`name a column that they share with ${optionText("group")}`]),
  ];
  return {
    names: [],
    sentence: `${count(told, "row")} of ${whole.name} have the inputs of another row, but not its target (such as ${linesOf(facts, [first[0] as number, other])}), more than chance makes: ${floor}${parts}; ${ways.slice(0, -1).join(", ")}, or ${ways.at(-1)}`,
  };
}

/** The columns by which rows are told apart, without that of the target, and this one. */
function columnsOf({ table, encoding: { target, unused } }: TableFacts): Columns {
  const inputs = table.columns.filter(
    ({ name }) => name !== target.name && !unused.some((one) => one.name === name && tellsNothing(one.why)),
  );
  return { inputs, targets: table.columns.find(({ name }) => name === target.name) as Column };
}

interface Columns {
  readonly inputs: readonly Column[];
  readonly targets: Column;
}

/** The groups whose rows are in several parts or folds. */
function tornApart(
  { table, drawn, encoding, options: { folds, seed = 0, joined = false } }: TableFacts,
  groups: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const partOf = partsByRow(
    folds === undefined
      ? partsOf(drawn, joined)
      : foldedParts(drawn, {
          ...{ folds, seed },
          ...(encoding.target.kind === "classes" && { classes: encodeTarget(encoding, table).data }),
        }),
  );
  return groups.filter((rows) => new Set(rows.map((row) => partOf.get(row))).size > 1);
}

const placesOf = ({ folds }: TableFacts["options"]): string =>
  folds === undefined ? "parts" : "folds or parts";

/** The lines of rows, for people. */
const linesOf = ({ table }: TableFacts, rows: readonly number[]): string =>
  `lines ${rows.map((row) => table.lineOf(row, 0)).join(" and ")}`;

/** Whether a column that is no input does not say either what row a row is. */
const tellsNothing = (why: string): boolean => why === "to be ignored" || identifiesRows(why);

/** Parts that share no row: validation rows that train count as rows that do. */
const partsOf = (drawn: RowParts, joined: boolean): Omit<RowParts, "valid"> => {
  if (!joined) return drawn;
  const { train, test } = joinedParts(drawn);
  return { train, ...(test && { test }) };
};

/** Rows that have the same values in all columns, where there are several. Most rows of most tables are alone after a few columns. */
function rowsAlike(columns: readonly Column[], rows: number): number[][] {
  const all = [Array.from({ length: rows }, (_, row) => row)];
  return columns.reduce((groups, column) => groups.flatMap((group) => splitBy(column, group)), all);
}

function splitBy({ values }: Column, group: number[]): number[][] {
  const first = values[group[0] as number];
  if (group.every((row) => values[row] === first)) return [group];
  return [...Map.groupBy(group, (row) => values[row]).values()].filter(({ length }) => length > 1);
}

/** Rows among which neighbours are looked for, those that differ in the target alone with them where it is given. */
interface Rows extends Pick<Columns, "inputs">, Partial<Pick<Columns, "targets">> {
  readonly rows: number;
}

/** Whether most groups of rows are without neighbours. */
function areLonely(groups: readonly (readonly number[])[], among: Rows): boolean {
  const every = Math.ceil(groups.length / SAMPLED);
  const sample = groups.flatMap(([row], i) => (row !== undefined && i % every === 0 ? [row] : []));
  const lonely = sample.filter((row) => !hasNeighbour(row, among));
  return 2 * lonely.length > sample.length;
}

/** Whether another row differs in one input, or in none but the target. */
function hasNeighbour(row: number, { inputs, targets, rows }: Rows): boolean {
  for (let other = 0; other < rows; other++) {
    let differing = 0;
    for (const { values } of inputs) {
      if (!isSame(values[row], values[other])) differing += 1;
      if (differing > 1) break;
    }
    if (differing === 1) return true;
    if (differing === 0 && targets && !isSame(targets.values[row], targets.values[other])) return true;
  }
  return false;
}

/** Missing numbers are alike. */
const isSame = (a: unknown, b: unknown): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));
