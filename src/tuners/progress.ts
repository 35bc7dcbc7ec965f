import type { TracePoint } from "../api/trace.ts";
import type { PlateauState } from "../nn/optim/plateau.ts";
import type { LossTrend } from "./restart.ts";
import type { StepReport } from "./tuner.ts";

/** How far the training of a run has come. */
export interface TrainingProgress {
  /** The epochs that the run was begun with; absent where only time or gradients limited it. */
  readonly planned?: number;
  readonly step: number;
  readonly gradientEvaluations: number;
  /** Sums over the steps since the last trace point. */
  readonly sinceTrace: { readonly steps: number; readonly loss: number; readonly penalty: number };
  /** The step at which training began anew; absent where it has not. */
  readonly restartedAt?: number;
  /** The share of the run's time after which its warm-up ends at the latest; absent where it has its own length. */
  readonly warmupShare?: number;
  /** The steps of training behind which that time was over; absent before. */
  readonly warmedUp?: number;
  /** Of the losses of the scheduled evaluations; present while the run may begin anew (`restart.ts`). */
  readonly trend?: LossTrend;
  /** What the run's plateau has seen since training began; absent where it has none. */
  readonly plateau?: PlateauState;
  /** The report of a step that was broken off among its hyperparameter steps. */
  readonly begun?: StepReport;
}

const nothingSeen = { steps: 0, loss: 0, penalty: 0 };

/** Before the first step of a run that is to have so many epochs, if these are known. */
export const atStart = (planned?: number, warmupShare?: number): TrainingProgress => ({
  ...(planned !== undefined && { planned }),
  ...(warmupShare !== undefined && { warmupShare }),
  step: 0,
  gradientEvaluations: 0,
  sinceTrace: nothingSeen,
});

/** After a step that was done to its end. */
export const stepped = ({ begun: _, ...before }: TrainingProgress, report: StepReport): TrainingProgress => ({
  ...before,
  step: before.step + 1,
  gradientEvaluations: before.gradientEvaluations + report.gradientEvaluations,
  sinceTrace: {
    steps: before.sinceTrace.steps + 1,
    loss: before.sinceTrace.loss + report.loss,
    penalty: before.sinceTrace.penalty + report.penalty,
  },
});

/** After a trace point. */
export const traced = (before: TrainingProgress): TrainingProgress => ({
  ...before,
  sinceTrace: nothingSeen,
});

/** Where training begins anew. */
export const restarted = ({ plateau: _, trend: __, ...before }: TrainingProgress): TrainingProgress => ({
  ...before,
  restartedAt: before.step,
});

/** The step at which the training under way began. */
export const beganAt = ({ restartedAt = 0 }: TrainingProgress): number => restartedAt;

/** The step at which the training began whose weights a trace point has. */
export const trainingBegan = ({ step, restartedAt = 0 }: Pick<TracePoint, "step" | "restartedAt">): number =>
  step > restartedAt ? restartedAt : 0;
