import type { Trust } from "../../api/result.ts";
import type { TracePoint } from "../../api/trace.ts";
import type { Space } from "../../space/space.ts";
import type { FirstTuning } from "../../tuners/run.ts";
import type { JudgedLosses, JudgedRows } from "../judge-rival.ts";

/** What remarks go by beside the trace; each names those that it uses. */
export interface RemarkFacts {
  readonly space: Space;
  /** The best point of the same training with the hyperparameters held, where there was one. */
  readonly baseline?: TracePoint | undefined;
  /** Whether the baseline breaks the bounds of the search, so that its model is none to take; default false. */
  readonly baselineBeyond?: boolean | undefined;
  /** The run folder with the baseline's model. */
  readonly baselineRun?: string | undefined;
  /** The best point of a linear model on the same rows, where there was one. */
  readonly linear?: JudgedLosses | undefined;
  /** Rows that were evaluated, by which chance is told; without them every difference that can be seen counts. */
  readonly rows?: JudgedRows | undefined;
  /** Why the run ended; default after its epochs. */
  readonly ended?: string | undefined;
  /** What checks of the response say, where there were any: where it is wrong, that is why nothing was gained. */
  readonly trust?: Trust["verdict"] | undefined;
  /** When the first hyperparameter step is made, where that is known. */
  readonly firstTuning?: FirstTuning | undefined;
  /** Whether what was gained holds on rows that were kept from the tuner, where that is known: where it does not, that is why nothing was gained on all. */
  readonly gainHolds?: boolean | null | undefined;
  /** How long the run may be in which training was asked to begin anew (`restart: "auto"`); absent where nobody asked. */
  readonly restart?: { readonly epochs?: number | undefined } | undefined;
  /** Whether several networks could validate each other's rows in the place of one (`folds`); default false. */
  readonly couldFold?: boolean | undefined;
  /** Whether a search lies in a store, whose command goes on with it; default false. */
  readonly inStore?: boolean | undefined;
  /** Whether the network could have a linear layer beside its hidden ones (`model: wide-and-deep`); default false. */
  readonly couldWiden?: boolean | undefined;
}
