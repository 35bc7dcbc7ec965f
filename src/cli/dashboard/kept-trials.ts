import { randomUUID } from "node:crypto";

import type { ColumnData, WireColumn, WireTable } from "../../api/columns.ts";
import { bestRow } from "./study-columns.ts";

/** A study's trials by columns, as far as they were read; row i is trial i. It changes in its place. */
export interface KeptTrials {
  /** Told apart from those of other servers and of studies before. */
  readonly count: string;
  rows: number;
  /** With room for more rows than there are. */
  columns: readonly WireColumn[];
  /** Which version each row changed in last. */
  changed: Uint32Array;
  version: number;
  /** The loss of the best trial. */
  best: number | null;
  /** That of their study, which another one of its name has not. */
  room: string | undefined;
  /** The study's revision whose changes are all in them; while `whole` is false, when the first was read. */
  revision: number;
  whole: boolean;
}

/** Nothing yet. */
export const keptTrials = (): KeptTrials => ({
  ...{ count: randomUUID(), rows: 0, columns: [], changed: new Uint32Array(), version: 0 },
  ...{ best: null, room: undefined, revision: 0, whole: false },
});

/** Puts rows into their places. Whoever has an earlier version is told of those that changed. */
export function put(kept: KeptTrials, { rows, columns }: WireTable): void {
  if (rows === 0 && kept.columns.length > 0) return;
  const numbers = columns.find(({ name }) => name === "trial")?.values ?? [];
  const size = Math.max(kept.rows, Number(numbers[rows - 1] ?? -1) + 1);
  const room = size <= kept.changed.length ? kept.changed.length : Math.max(64, 2 * size);
  kept.columns = columns.map((column, i) => {
    const values = grown(kept.columns[i]?.values, column.values, room);
    for (let row = 0; row < rows; row++) values[numbers[row] as number] = column.values[row] as number;
    return { ...column, values };
  });
  kept.changed = grown(kept.changed, kept.changed, room);
  kept.rows = size;
  kept.version++;
  for (let row = 0; row < rows; row++) kept.changed[numbers[row] as number] = kept.version;
  const best = bestRow(kept.columns, counted(kept.rows));
  kept.best = best === undefined ? null : (valuesOf(kept, "loss")[best] ?? null);
}

/** The rows of an earlier table that changed after its version, and so many of those behind it at most. */
export function changedSince(
  kept: KeptTrials,
  had: { readonly version: number; readonly rows: number },
  most = Infinity,
): Omit<WireTable, "note"> & { readonly behind: number } {
  const end = Math.min(kept.rows, had.rows + most);
  const fresh: number[] = [];
  for (let row = 0; row < had.rows; row++) {
    if ((kept.changed[row] as number) > had.version) fresh.push(row);
  }
  return {
    ...{ rows: fresh.length + end - had.rows, behind: end - had.rows },
    columns: kept.columns.map(({ values, ...column }) => ({
      ...column,
      values: joined(values, fresh, values.subarray(had.rows, end)),
    })),
  };
}

/** A column's values. */
export const valuesOf = ({ columns, rows }: KeptTrials, name: string): ColumnData =>
  columns.find((column) => column.name === name)?.values.subarray(0, rows) ?? new Uint8Array();

/** Values with room for more, in their place where there is. */
function grown<Values extends ColumnData>(
  before: ColumnData | undefined,
  like: Values,
  room: number,
): Values {
  if (before && before.length >= room) return before as Values; // of the same column
  const Type = like.constructor as new (size: number) => Values; // one of four
  const values = new Type(room);
  if (before) values.set(before);
  return values;
}

/** Some of the values, and those of a part behind them. */
function joined<Values extends ColumnData>(values: Values, rows: readonly number[], behind: Values): Values {
  if (rows.length === 0) return behind;
  const Type = values.constructor as new (size: number) => Values;
  const found = new Type(rows.length + behind.length);
  rows.forEach((row, i) => (found[i] = values[row] as number));
  found.set(behind, rows.length);
  return found;
}

/** The numbers from 0 to before another. */
function* counted(end: number): Generator<number> {
  for (let i = 0; i < end; i++) yield i;
}
