import { inputError } from "../../util/error.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * Every trial is trained to the end: what plain random search or Bayesian optimisation does.
 *
 * @param budget epochs of a trial
 */
export function fullBudget(budget: number): Scheduler {
  requireBudget("full-budget", budget);
  return {
    name: "full-budget",
    budget,
    decide: () => ({ kind: "start", to: budget }), // beside those that run
  };
}

/** Demands a positive and finite number of epochs. @throws {HypertrainError} */
export function requireBudget(scheduler: string, budget: number): void {
  if (budget > 0 && Number.isFinite(budget)) return;
  throw inputError(`the budget of ${scheduler} must be a positive number of epochs, but got ${budget}`);
}
