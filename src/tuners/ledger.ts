import type { TracePoint } from "../api/trace.ts";
import { inputError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";
import { isBetter } from "./best.ts";
import type { Environment, RunOptions } from "./run-options.ts";
import type { Progress, Snapshot } from "./snapshot.ts";

/** Why a run ended: `points` is of a search that has tried all that there are. An interrupted one can be resumed; so can any other, with more epochs. */
export type EndReason = "epochs" | "time" | "gradients" | "patience" | "points" | "interrupted";

/** What a run, or all trials of a search together, has cost so far; a search counts gradients up to its last evaluation. */
export interface Spent {
  /** Steps of training. */
  readonly steps: number;
  readonly gradientEvaluations: number;
}

/** What ends a run. */
export interface Limits extends Required<Pick<RunOptions, "timeLimit" | "gradientLimit" | "patience">> {
  readonly steps: number;
  /** Whether the weights of the best point are kept. */
  readonly keepBest: boolean;
  /** The validation loss below which they are; default Infinity. */
  readonly keepBelow?: number;
}

/** A best point that stands. */
export interface SettledBest {
  readonly best: TracePoint;
  readonly epochsSinceBest: number;
  /** Absent where they are not kept. */
  readonly weights?: HostTree | undefined;
}

/** The books of a run, of one training or of a search's many: seconds, points, limits. */
export interface Ledger {
  /** Seconds of the run and of those that it goes on from. */
  seconds(): number;
  /** The best point, see `isBetter`; undefined before the first evaluation. */
  best(): TracePoint | undefined;
  /** The latest point. */
  last(): TracePoint | undefined;
  /** The weights at the best point, if they are kept. */
  bestWeights(): HostTree | undefined;
  /**
   * Enters a point, and says whether it is the best.
   *
   * @param weights are asked for where it is and they are kept
   */
  enter(point: TracePoint, weights: () => Promise<HostTree>): Promise<boolean>;
  /** What was best by the last {@link Ledger.settle}, where it is another now. */
  settled(): SettledBest | undefined;
  /** Lets what is best now stand, whatever comes. */
  settle(): void;
  /** Takes back what was entered since {@link Ledger.settle}: the training that it is of failed. */
  strike(): void;
  /** Lets patience count from the latest point. */
  renewPatience(): void;
  /** The limit that is reached, or else that the run was interrupted; undefined where it goes on. */
  reasonToEnd(spent: Spent): EndReason | undefined;
  /** The share of the run that is over, by the limit that comes first. */
  share(spent: Spent): number;
  /** What a snapshot keeps. */
  standing(): Pick<Progress, "seconds" | "epochsSinceBest" | "best" | "last">;
}

/** Opens the books, where a snapshot left them if there is one. @param stood what had settled then, where something else was best */
export function openLedger(
  limits: Limits,
  { clock, signal }: Environment,
  from?: Snapshot,
  stood?: SettledBest,
): Ledger {
  const { keepBest, keepBelow = Infinity } = limits;
  const startedAt = clock.now();
  const secondsBefore = from?.progress.seconds ?? 0;
  let best = from?.progress.best;
  let last = from?.progress.last;
  let bestWeights = from?.best;
  let epochsSinceBest = from?.progress.epochsSinceBest ?? 0;

  const standing = (): SettledBest | undefined => best && { best, epochsSinceBest, weights: bestWeights };
  let settled = stood ?? standing();

  const seconds = () => secondsBefore + (clock.now() - startedAt) / 1000;
  return {
    seconds,
    best: () => best,
    last: () => last,
    bestWeights: () => bestWeights,
    async enter(point, weights) {
      const improved = best === undefined || isBetter(point, best);
      if (improved) best = point;
      if (improved) bestWeights = keepBest && point.valid.loss < keepBelow ? await weights() : undefined;
      last = point;
      epochsSinceBest = improved ? 0 : epochsSinceBest + 1;
      if (settled) settled = { ...settled, epochsSinceBest: settled.epochsSinceBest + 1 };
      return improved;
    },
    settled: () => (settled?.best === best ? undefined : settled),
    settle() {
      settled = standing();
    },
    strike() {
      if (settled) ({ best, epochsSinceBest, weights: bestWeights } = settled);
    },
    renewPatience() {
      epochsSinceBest = 0;
      if (settled) settled = { ...settled, epochsSinceBest };
    },
    reasonToEnd({ steps, gradientEvaluations }) {
      if (steps >= limits.steps) return "epochs";
      if (seconds() >= limits.timeLimit) return "time";
      if (gradientEvaluations >= limits.gradientLimit) return "gradients";
      if (epochsSinceBest >= limits.patience) return "patience";
      return signal?.aborted ? "interrupted" : undefined;
    },
    share: ({ steps, gradientEvaluations }) =>
      Math.max(
        steps / limits.steps,
        seconds() / limits.timeLimit,
        gradientEvaluations / limits.gradientLimit,
      ),
    standing: () => ({
      seconds: seconds(),
      epochsSinceBest,
      best: best as TracePoint,
      last: last as TracePoint,
    }),
  };
}

/**
 * The best weights of a run that keeps them.
 *
 * @throws {HypertrainError} for one that does not, or has not begun.
 */
export function demandKept(best: HostTree | undefined): HostTree {
  if (best) return best;
  throw inputError(
    'weights("best") must be asked of a run that keeps them and has evaluated once, but there are none; leave keepBest and keepBelow out, and wait for the first event',
  );
}
