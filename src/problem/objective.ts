import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { droppedCarry, keptCarry } from "../nn/carried.ts";
import { mean } from "../nn/mean.ts";
import type { Layers } from "../nn/layer.ts";
import { droppedRows, rowsFrom } from "../nn/row-states.ts";
import type { Batch, Hypers, Noise, Problem } from "./problem.ts";

/** Mean data loss and mean penalty, [] each; their sum is the objective. */
export type Objective = {
  loss: np.Array;
  penalty: np.Array;
  /** What the step leaves for the next, where a problem has such. */
  carried?: ArrayTree;
  /** What its rows leave for those behind them, where they take something over. */
  rowsLeft?: ArrayTree;
};

/** What a training step takes over: from the step before, and each row from the row before it. */
export interface TakenOver {
  readonly carried?: ArrayTree;
  readonly rowsBefore?: ArrayTree;
}

/** What a problem's prediction gives and its loss takes. */
export type Outputs = ReturnType<Problem["predict"]>;

/** What the layers of a training step see of what is taken over, where what it leaves is dropped. Borrows. */
export const seenOf = ({ carried, rowsBefore }: TakenOver): Pick<Layers, "carry" | "rows"> => ({
  ...(carried && { carry: droppedCarry(carried) }),
  ...(rowsBefore && { rows: droppedRows(rowsBefore) }),
});

/** The training objective at given layers. Borrows everything but the layers' own arrays. */
export function trainObjective(
  problem: Problem,
  layers: Layers,
  batch: Batch,
  hypers: Hypers,
  noise: Noise,
  { carried, rowsBefore }: TakenOver = {},
): Objective {
  const kept = problem.carried && carried ? keptCarry(problem.carried, carried) : undefined;
  const handed = rowsFrom(rowsBefore);
  const seeing = { ...layers, ...(kept && { carry: kept.carry }), ...handed.layers };
  const outputs = trainOutputs(problem, seeing, batch, hypers, noise);
  const objective = objectiveOf(problem, outputs, layers, batch, hypers);
  return { ...objective, ...(kept && { carried: kept.left() }), ...handed.left() };
}

/** The training objective of outputs that came about in another way. Consumes the outputs, borrows the rest. */
export function objectiveOf(
  problem: Problem,
  outputs: Outputs,
  layers: Layers,
  batch: Batch,
  hypers: Hypers,
): Objective {
  const loss = dataLoss(problem, outputs, batch, hypers);
  return { loss, penalty: meanPenalty(problem, layers, hypers) ?? np.zeros([], { dtype: loss.dtype }) };
}

/** What the network answers in training mode. Borrows everything but the layers' own arrays. */
export const trainOutputs = (
  problem: Problem,
  layers: Layers,
  batch: Batch,
  hypers: Hypers,
  noise: Noise,
): Outputs => problem.predict(layers, tree.ref(batch), tree.ref(hypers), tree.ref(noise), "train");

/** The mean loss of outputs, which it consumes: []. */
const dataLoss = (problem: Problem, outputs: Outputs, batch: Batch, hypers: Hypers): np.Array =>
  mean(problem.loss(outputs, tree.ref(batch), tree.ref(hypers)));

/** The mean penalty of layers: []; undefined where a problem has none. */
const meanPenalty = (problem: Problem, layers: Layers, hypers: Hypers): np.Array | undefined =>
  problem.penalty && mean(problem.penalty(layers, tree.ref(hypers)));

/** The validation loss per example at given layers: [rows]. Borrows everything but the layers' own arrays. */
export function validLosses(problem: Problem, layers: Layers, batch: Batch, hypers: Hypers): np.Array {
  const outputs = problem.predict(layers, tree.ref(batch), tree.ref(hypers), {}, "eval");
  return (problem.validLoss ?? problem.loss)(outputs, tree.ref(batch), tree.ref(hypers));
}
