import { demandGiven } from "../../util/given.ts";
import { positive } from "../../util/rule.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * Every trial is trained to the end: what plain random search or Bayesian optimisation does.
 *
 * @param budget epochs of a trial
 * @throws {HypertrainError} for a budget that is not positive.
 */
export function fullBudget(budget: number): Scheduler {
  demandGiven("fullBudget", { budget }, { budget: positive });
  return {
    name: "full-budget",
    budget,
    decide: () => ({ kind: "start", to: budget }), // beside those that run
  };
}
