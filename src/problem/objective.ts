import { numpy as np, tree } from "@jax-js/jax";

import { mean } from "../nn/mean.ts";
import type { Layers } from "../nn/layer.ts";
import type { Batch, Hypers, Noise, Problem } from "./problem.ts";

/** Mean data loss and mean penalty, [] each; their sum is the objective. */
export type Objective = { loss: np.Array; penalty: np.Array };

/**
 * The training objective at given layers. Borrows everything but the layers' own arrays.
 *
 * @param predict how outputs come about; Delta-STN passes its linearisation.
 */
export function trainObjective(
  problem: Problem,
  layers: Layers,
  batch: Batch,
  hypers: Hypers,
  noise: Noise,
  predict: (layers: Layers) => ReturnType<Problem["predict"]> = (at) =>
    problem.predict(at, tree.ref(batch), tree.ref(hypers), tree.ref(noise), "train"),
): Objective {
  const loss = mean(problem.loss(predict(layers), tree.ref(batch), tree.ref(hypers)));
  const penalty = problem.penalty
    ? mean(problem.penalty(layers, tree.ref(hypers)))
    : np.zeros([], { dtype: loss.dtype });
  return { loss, penalty };
}

/** The validation loss per example at given layers: [rows]. Borrows everything but the layers' own arrays. */
export function validLosses(problem: Problem, layers: Layers, batch: Batch, hypers: Hypers): np.Array {
  const outputs = problem.predict(layers, tree.ref(batch), tree.ref(hypers), {}, "eval");
  return (problem.validLoss ?? problem.loss)(outputs, tree.ref(batch), tree.ref(hypers));
}
