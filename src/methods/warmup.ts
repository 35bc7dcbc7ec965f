import type { RunLength } from "../tuners/tuner.ts";
import type { Warmup } from "./method.ts";

/** The epochs before the first hyperparameter step, where nobody says. */
export function warmupEpochsOf({ share, otherwise }: Warmup, { epochs, stepsPerEpoch }: RunLength): number {
  if (epochs !== Infinity) return Math.floor(epochs * share);
  return "epochs" in otherwise ? otherwise.epochs : Math.ceil(otherwise.steps / stepsPerEpoch);
}
