import type { Splits } from "../dataset.ts";
import type { TableEncoding } from "../table-encoding.ts";
import type { RowParts } from "../split.ts";
import type { TableDataOptions } from "../table-options.ts";
import type { Table } from "../table.ts";

/** What is known of a table and of what is made of it. */
export interface TableFacts {
  /** The table as it was read. */
  readonly whole: Table;
  /** Its rows that have a target. */
  readonly table: Table;
  /** Which of these rows are in which part, before validation rows are joined to those that train. */
  readonly drawn: RowParts;
  readonly train: Table;
  readonly encoding: TableEncoding;
  /** Of the images that the columns are the pixels of. */
  readonly sides: readonly [height: number, width: number] | undefined;
  /** Of their pixels, where that is known. */
  readonly white: number | undefined;
  readonly splits: Splits;
  /** Whether `stratify` was asked for. */
  readonly stratified: boolean;
  /** `stratify` as it was settled. */
  readonly options: Pick<
    TableDataOptions,
    "targetTransform" | "stratify" | "group" | "timeColumn" | "splitBy" | "keep" | "folds" | "seed" | "joined"
  >;
}

/** One sentence of the report, on one or several columns. */
export interface TableRemark {
  readonly sentence: string;
  readonly names: readonly string[];
  /** The same in a few words, for each of these columns. */
  readonly short?: string;
}
