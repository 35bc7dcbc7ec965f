import type { DataReport } from "../api/data-report.ts";
import type { ResultPoint } from "../api/result.ts";
import type { TracePoint } from "../api/trace.ts";
import type { Goals } from "../search/goals.ts";
import type { Space } from "../space/space.ts";
import type { EndReason, FailedTraining, FirstTuning } from "../tuners/run.ts";
import type { JudgedRows } from "./judge-rival.ts";

/** How a run ended, and its points that matter: what its last event tells. */
export interface RunEnd {
  readonly reason: EndReason | "diverged" | "unfit" | "stopped" | "running";
  readonly best: TracePoint;
  readonly final: TracePoint;
  /** Of a search: its trainings that failed, where that is known; default those that have no loss after a step. */
  readonly failed?: readonly FailedTraining[] | undefined;
}

/** What the sentences about a run go by; whatever one of them needs more is a field here. */
export interface RunFacts {
  readonly space: Space;
  readonly trace: readonly TracePoint[];
  readonly end: RunEnd;
  /** The same training with the hyperparameters held, where there was one. */
  readonly baseline?: {
    readonly run: string;
    readonly end: RunEnd;
    /** Whether it breaks the bounds of the search, so that its model is none to take; default false. */
    readonly beyond?: boolean;
  };
  /** The best point of a linear model on the same rows, where there was one. */
  readonly linear?: TracePoint | ResultPoint | undefined;
  /** Rows of the validation and the test part, by which chance is told; without them every difference that can be seen counts. */
  readonly rows?: JudgedRows | undefined;
  /** Whether the method holds the hyperparameters at their start; default false. */
  readonly holdsHypers?: boolean;
  /** Whether the method learns a response, whose checks the trace tells; default false. */
  readonly learnsResponse?: boolean;
  /** Whether training carries running statistics (`Problem.carried`). */
  readonly carries?: boolean;
  /** The learning rate of the weights, where it is known. */
  readonly learningRate?: number | undefined;
  /** The weight decays that its tuner holds at 1 / learning rate; default none. */
  readonly heldDecays?: readonly string[] | undefined;
  /** When the run makes its first hyperparameter step, where that is known. */
  readonly firstTuning?: FirstTuning | undefined;
  /** How long the run may be in which training was asked to begin anew (`restart: "auto"`); absent where nobody asked. */
  readonly restart?: { readonly epochs?: number | undefined } | undefined;
  /** Whether several networks could validate each other's rows in the place of one (`folds`); default false. */
  readonly couldFold?: boolean | undefined;
  /** Whether a search lies in a store, whose command goes on with it; default false. */
  readonly inStore?: boolean | undefined;
  /** Whether the network could have a linear layer beside its hidden ones (`model: wide-and-deep`); default false. */
  readonly couldWiden?: boolean | undefined;
  /** Whether it is trained on training and validation rows together; default false. */
  readonly isRefit?: boolean;
  /** Whether the losses weigh classes alike, rare or frequent; default false. */
  readonly weighsClasses?: boolean;
  /** What a search followed besides the lowest loss. */
  readonly goals?: Goals | undefined;
  /** The data report, where the data is a table. */
  readonly data?: DataReport;
}
