import { count, flag, functionOf, oneOf, seed, text, type Rules } from "../util/rule.ts";
import { fitRules, type FitOptions } from "./fit-table.ts";
import { sizeRules, type PartSizes } from "./part-sizes.ts";
import type { RowParts } from "./split.ts";

/** How a table becomes data for a supervised problem. */
export interface TableDataOptions extends Omit<FitOptions, "splitColumns">, PartSizes {
  /** Which rows train; overrules all that follows. */
  readonly split?: ((rows: number) => RowParts) | undefined;
  /** What a random split follows from. Default 0. */
  readonly seed?: number | undefined;
  /** Whether the parts are drawn at random (`seed`), or the last rows validate and test (`tail`). Default `seed`. */
  readonly splitBy?: "seed" | "tail" | undefined;
  /** Whether every class has its share of each part. Default: it has where a class has fewer than 100 rows. */
  readonly stratify?: boolean | undefined;
  /** A column all of whose rows with one value lie in one part. */
  readonly group?: string | undefined;
  /** A column of numbers or dates: the earliest rows train, the latest test. */
  readonly timeColumn?: string | undefined;
  /** Whether the validation rows train as well, and the encoding is learned from them, too. Default false. */
  readonly joined?: boolean | undefined;
  /** How many networks are trained on folds of the rows that are no test rows, so that copies in several folds are told; default none. */
  readonly folds?: number | undefined;
  /** `error` refuses missing values. Default `auto`. */
  readonly missing?: "auto" | "error" | undefined;
}

const { splitColumns: _own, ...fitted } = fitRules;

/** What {@link TableDataOptions} must be. */
export const tableDataRules = {
  ...{ ...fitted, ...sizeRules, seed, stratify: flag, joined: flag, folds: count },
  ...{ splitBy: oneOf("seed", "tail"), missing: oneOf("auto", "error"), group: text, timeColumn: text },
  split: functionOf<(rows: number) => RowParts>("of the number of rows"),
} satisfies Rules<TableDataOptions>;
