import type { RunLength } from "../tuners/tuner.ts";
import type { Warmup } from "./method.ts";

/**
 * The epochs before the first hyperparameter step, where nobody says: a share of a run that counts its epochs, or so many steps of one that ends
 * by the clock or by its gradients, since nobody knows how many it will have.
 */
export const warmupEpochsOf = ({ share, steps }: Warmup, { epochs, stepsPerEpoch }: RunLength): number =>
  epochs === Infinity ? Math.ceil(steps / stepsPerEpoch) : Math.floor(epochs * share);
