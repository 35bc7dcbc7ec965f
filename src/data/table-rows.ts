import { someRows } from "./dataset.ts";
import { aTable, type Column, type Table } from "./table.ts";
import { demandGiven } from "../util/given.ts";

/** The given rows of a table, in their order. @throws {HypertrainError} for what is no table, and no numbers of rows. */
export function takeTableRows(table: Table, rows: Uint32Array): Table {
  demandGiven("takeTableRows", { table, rows }, { table: aTable, rows: someRows });
  return {
    ...table,
    rows: rows.length,
    columns: table.columns.map((column): Column =>
      column.kind === "numbers"
        ? { ...column, values: taken(column.values, rows) }
        : { ...column, values: Array.from(rows, (row) => column.values[row] as string | null) },
    ),
    lineOf: (row, place) => table.lineOf(rows[row] as number, place),
  };
}

function taken(values: Float64Array, rows: Uint32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i] as number] as number;
  return out;
}
