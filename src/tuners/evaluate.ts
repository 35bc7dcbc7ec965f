import { tree, type numpy as np } from "@jax-js/jax";

import type { Program, ProgramState } from "../engine/engine.ts";
import type { Layers } from "../nn/layer.ts";
import { validLosses } from "../problem/objective.ts";
import type { Batch, Problem } from "../problem/problem.ts";
import { naturalArrays } from "../space/space.ts";

/** The layers that the trained network has at a state's current hyperparameters. Borrows the state. */
export type LayersAt = (state: ProgramState) => Layers;

/** The programs that the run loop asks of every tuner, from where its trained network stands. */
export const evaluationPrograms = (
  problem: Problem,
  layersAt: LayersAt,
): { evaluate: Program; weights: Program } => ({
  evaluate(state, inputs) {
    const batch = inputs.batch as Batch;
    const weight = inputs.weight as np.Array; // [rows]
    const hypers = naturalArrays(problem.space, currentHypers(state));
    const losses = validLosses(problem, layersAt(state), batch, hypers);
    const loss = losses.mul(weight.ref).sum();
    if (!problem.metric) return [{}, { loss }];
    const outputs = problem.predict(layersAt(state), tree.ref(batch), tree.ref(hypers), {}, "eval");
    const metric = problem.metric.perExample(outputs, batch).mul(weight).sum();
    return [{}, { loss, metric }];
  },
  weights: (state) => [{}, { params: layersAt(state).params() }],
});

/** The current unconstrained hyperparameters as one row that all examples share: [1, size]. */
export const currentHypers = (state: ProgramState): np.Array =>
  (state.hypers as np.Array).ref.reshape([1, -1]);
