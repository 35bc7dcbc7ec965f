import { optionText } from "../util/option-text.ts";
import { needError } from "./need.ts";
import type { PreparedTuner } from "./tuner.ts";

/** Demands a method that can begin its training anew from the hyperparameters found. @throws {HypertrainError} */
export function demandRestarting(method: string, { trained }: Pick<PreparedTuner, "trained">): void {
  if (trained) return;
  throw needError(
    "restart",
    `${optionText("restart")} must come with a method that can train anew from the hyperparameters found, but got ${method}; leave it out, or take a method that can`,
  );
}
