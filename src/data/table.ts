/** A column of finite numbers: [rows]. */
export interface NumberColumn {
  readonly kind: "numbers";
  readonly name: string;
  readonly values: Float64Array;
}

/** A column of words, none empty: [rows]. */
export interface WordColumn {
  readonly kind: "words";
  readonly name: string;
  readonly values: readonly string[];
}

/** One column of a table. */
export type Column = NumberColumn | WordColumn;

/** A rectangular table without gaps, as it stands in a file. */
export interface Table {
  /** What errors call the table: its file's name. */
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly Column[];
  /** The line of the file in which a cell starts, from 1. */
  lineOf(row: number, column: number): number;
  /** Sentences on what is odd but not wrong. */
  readonly warnings: readonly string[];
}
