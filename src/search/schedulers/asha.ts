import { bestAt, budgetOf, lossAt, type Scheduler } from "./scheduler.ts";
import { aboveOne, timesDivisible } from "./successive-halving.ts";
import { ownOptions } from "../../util/given.ts";
import { needed, positive } from "../../util/rule.ts";

/** Options of {@link asha}. */
export interface AshaOptions {
  /** R: the most epochs of a trial. */
  readonly budget: number;
  /** η: one of so many trials goes on; default 3. */
  readonly eta?: number;
}

/**
 * Asynchronous successive halving (Li et al., "A system for massively parallel hyperparameter tuning", 2020): a trial goes on as soon as
 * it is among the best 1/η of those that have reached its rung; where none is, a new one starts. Nobody waits, so it is the one for
 * many workers.
 */
export function asha(options: AshaOptions): Scheduler {
  const { budget, eta = 3 } = ownOptions("asha", options, { budget: needed(positive), eta: aboveOne });
  const halvings = timesDivisible(budget, eta);
  const rungs = Array.from({ length: halvings + 1 }, (_, i) => budget * eta ** (i - halvings));
  return {
    name: "asha",
    budget,
    decide(trials) {
      for (let i = rungs.length - 2; i >= 0; i--) {
        const [here, next] = [rungs[i] as number, rungs[i + 1] as number];
        const reached = trials.filter(
          (trial) => budgetOf(trial) >= here - 1e-9 && lossAt(trial, here) < Infinity,
        );
        const promoted = bestAt(reached, here, Math.floor(reached.length / eta)).find(
          (trial) => trial.state === "paused" && budgetOf(trial) < next - 1e-9,
        );
        if (promoted) return { kind: "continue", trial: promoted.number, to: next };
      }
      return { kind: "start", to: rungs[0] as number };
    },
  };
}
