import type { TuneResult } from "./result.ts";

/** What a run says of itself when it has ended: `result.json` of its folder, which its page shows. */
export interface RunDocument {
  readonly version: 1;
  /** What was trained on what, in short. */
  readonly title: string;
  /** What the method is called in a sentence. */
  readonly methodTitle: string;
  /** The command that repeats the run, where one does. */
  readonly command?: string;
  /** The hyperparameters whose ranges are logarithmic. */
  readonly logarithmic: readonly string[];
  readonly result: TuneResult;
}
