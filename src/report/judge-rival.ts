import type { TracePoint } from "../api/trace.ts";
import { chanceOf, LEAST_DIFFERENCE } from "../tuners/chance.ts";

/** The rows by which two trained networks are told apart. */
export interface JudgedRows {
  readonly valid: number;
  /** Absent where the data has no test part. */
  readonly test?: number | undefined;
}

/** The losses of a trained network. */
export type JudgedLosses = Pick<TracePoint, "valid" | "test">;

/**
 * How the best point of a rival stands against that of a run: better or worse if its losses over validation and test rows together are, by more than
 * chance makes of so many rows (`chanceOf`), and better only if neither part says otherwise.
 *
 * @param rows without which any difference that can be seen counts
 */
export function judgeRival(
  rival: JudgedLosses,
  best: JudgedLosses,
  rows?: JudgedRows,
): "better" | "as good" | "worse" {
  const valid = differenceOf(rival.valid.loss, best.valid.loss);
  const test = rival.test && best.test ? differenceOf(rival.test.loss, best.test.loss) : undefined;
  const { valid: validRows, test: testRows = 0 } = rows ?? { valid: 1, test: 1 };
  const judged = validRows + (test === undefined ? 0 : testRows);
  const mean = (validRows * valid + (test === undefined ? 0 : testRows * test)) / judged;
  const chance = rows ? chanceOf(judged) : LEAST_DIFFERENCE;
  if (mean > chance) return "worse";
  return mean < -chance && valid < 0 && (test ?? 0) <= 0 ? "better" : "as good";
}

/** As a share of the loss that it is held against. */
const differenceOf = (loss: number, than: number): number =>
  loss === than ? 0 : (loss - than) / Math.abs(than);
