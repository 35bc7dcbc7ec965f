/** What people should know of a table before they train on it: plain JSON. */
export interface DataReport {
  readonly name: string;
  readonly rows: number;
  /** How many rows each part has. */
  readonly parts: { readonly train: number; readonly valid: number; readonly test: number };
  /** Rows that lack the target and are left out. */
  readonly withoutTarget: number;
  readonly target: string;
  readonly task: "classification" | "regression";
  /** How many rows each class has, in the order in which the network numbers them; absent for a regression. */
  readonly classes?: readonly { readonly name: string; readonly rows: number }[];
  readonly columns: readonly ColumnReport[];
  /** The numbers that a row becomes. */
  readonly features: number;
  /** Few sentences, the most important first. */
  readonly warnings: readonly string[];
}

/** What a report says of one column, over all rows. */
export interface ColumnReport {
  readonly name: string;
  readonly kind: "number" | "text" | "date";
  readonly missing: number;
  /** How many different values there are. */
  readonly distinct: number;
  /** The least and the greatest number, or the commonest text. */
  readonly range?: readonly [low: number, high: number];
  readonly commonest?: string;
  /** What becomes of the column: `target`, `number`, `7 levels`, or `left out: identifiers`. */
  readonly becomes: string;
  readonly warnings: readonly string[];
}
