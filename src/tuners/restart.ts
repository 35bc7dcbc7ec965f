/** The shares of a run between which its training may begin anew: the hyperparameters have moved by then, and enough is left to train again. */
export const RESTART_BETWEEN = [1 / 2, 2 / 3] as const;

/** Where a run stands at an evaluation. */
export interface RestartPoint {
  /** The share of the run that is over. */
  readonly share: number;
  /** Training steps so far. */
  readonly step: number;
  /** Those after which the lowest validation loss was seen. */
  readonly bestStep: number;
  /** Those after which the first hyperparameter step has been made. */
  readonly tunesFrom: number;
}

/**
 * Whether a run begins its training anew from the hyperparameters found, since its network has overfitted before these were: at an evaluation between a half
 * and two thirds of its length, if the lowest validation loss lies in the first half of the steps so far.
 *
 * A hyperparameter step must have been made, however short: in a run of few steps one early evaluation that is low by chance is enough. A run restarts once.
 */
export function hasOverfittedEarly({ share, step, bestStep, tunesFrom }: RestartPoint): boolean {
  const [from, to] = RESTART_BETWEEN;
  return step >= tunesFrom && share >= from && share <= to && bestStep <= step / 2;
}
