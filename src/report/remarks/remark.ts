import type { TracePoint } from "../../api/trace.ts";
import { optionText } from "../../util/option-text.ts";

/** A sentence on what a run did not do that its reader would take for granted, or on what would do better. */
export interface Remark {
  readonly sentence: string;
  /** The length that it asks for: a run is told one. */
  readonly epochs?: number;
}

/** A remark behind a sentence, as one. */
export const behind = (first: string, { sentence, ...remark }: Remark): Remark => ({
  ...remark,
  sentence: `${first} ${sentence}`,
});

/** What a best point has that no other point has. */
export const lowestLoss = ({ guard }: TracePoint): string =>
  guard ? "lowest loss on the guard" : "lowest validation loss";

/** The option by which hyperparameters, their starts and their ranges are named. */
export const HYPER = optionText("hyper");
