import type { Trust } from "../../api/result.ts";
import type { TracePoint } from "../../api/trace.ts";
import type { JudgedLosses } from "../judge-rival.ts";
import type { RunFacts } from "../run-facts.ts";

/** What remarks go by beside the trace; each names those that it uses. */
export interface RemarkFacts extends Pick<
  RunFacts,
  "space" | "rows" | "firstTuning" | "restart" | "couldFold" | "inStore" | "couldWiden"
> {
  /** The best point of the same training with the hyperparameters held, where there was one. */
  readonly baseline?: TracePoint | undefined;
  /** Whether the baseline breaks the bounds of the search, so that its model is none to take; default false. */
  readonly baselineBeyond?: boolean | undefined;
  /** The run folder with the baseline's model. */
  readonly baselineRun?: string | undefined;
  /** The best point of a linear model on the same rows, where there was one. */
  readonly linear?: JudgedLosses | undefined;
  /** Why the run ended; default after its epochs. */
  readonly ended?: string | undefined;
  /** What checks of the response say, where there were any: where it is wrong, that is why nothing was gained. */
  readonly trust?: Trust["verdict"] | undefined;
  /** Whether what was gained holds on rows that were kept from the tuner, where that is known: where it does not, that is why nothing was gained on all. */
  readonly gainHolds?: boolean | null | undefined;
}
