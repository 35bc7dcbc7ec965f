import type { TracePoint } from "../api/trace.ts";

/** What a program tells of a training of its own on the way. */
export interface ToldPoint {
  readonly budget: number;
  readonly loss: number;
  readonly seconds?: number | undefined;
  /** What else it measured, for objectives and bounds. */
  readonly measures?: Readonly<Record<string, number>> | undefined;
}

/**
 * An evaluation of a training elsewhere: its budget, scores and time. What other trace points count is 0 here, since nobody told it, and
 * hyperparameters stand in the trial alone.
 */
export interface ToldTracePoint extends TracePoint {
  readonly step: 0;
  readonly examples: 0;
  readonly gradientEvaluations: 0;
  readonly hyperparameters: Readonly<Record<string, never>>;
}

/** An evaluation of which no more is known than a program tells. */
export const toldPoint = ({ budget, loss, seconds = 0, measures }: ToldPoint): ToldTracePoint => ({
  ...{ step: 0, epoch: budget, examples: 0, gradientEvaluations: 0, seconds },
  valid: { loss, ...(measures && { measures }) },
  hyperparameters: {},
});
