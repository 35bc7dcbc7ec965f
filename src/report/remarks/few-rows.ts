import type { TracePoint } from "../../api/trace.ts";
import { FEWEST_ROWS } from "../../tuners/chance.ts";
import { optionText } from "../../util/option-text.ts";
import type { RemarkFacts } from "./facts.ts";
import type { Remark } from "./remark.ts";

/** Validation rows below which they tell too little to tune by: chance makes more than 5 % of a loss. */
const FEW_ROWS = 100;

/**
 * What helps where few rows validate, or are on the guard that decides: of the former folds, where they could be, else more of them. With fewer than ten, several networks were no better than one: on 14 rows in all, of which 3
 * validate, in two of four. On 60 they were in four of four.
 */
export function fewRows(
  { guard }: TracePoint,
  { couldFold = false, rows }: Pick<RemarkFacts, "couldFold" | "rows">,
): Remark | undefined {
  if (!rows) return undefined;
  if (rows.valid >= FEW_ROWS) return guard && guard.rows < FEWEST_ROWS ? fewOnGuard(guard.rows) : undefined;
  const mend =
    rows.valid < FEWEST_ROWS
      ? "what helps is more rows"
      : couldFold
        ? `train several networks that validate each other's rows (${optionText("folds", 5)})`
        : "what helps is more validation rows";
  return { sentence: `Too few rows validate to tune by (${rows.valid}): ${mend}.` };
}

const fewOnGuard = (rows: number): Remark => ({
  sentence: `Too few rows are on the guard to choose by (${rows}): keep more there, or none (${optionText("guard", 0)}).`,
});

/** What would tell a gain from chance. */
export const moreRows = ({ couldFold = false }: Pick<RemarkFacts, "couldFold">): Remark => ({
  sentence: couldFold
    ? `More rows would tell, as where several networks validate each other's (${optionText("folds", 5)}).`
    : "More validation and test rows would tell.",
});
