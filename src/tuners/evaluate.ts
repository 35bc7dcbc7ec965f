import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree, Program, ProgramState } from "../engine/engine.ts";
import { gradient } from "../engine/transform.ts";
import { treeProduct } from "../hypergrad/tree-product.ts";
import { heldCarry, withCarried } from "../nn/carried.ts";
import type { Layers } from "../nn/layer.ts";
import { mean } from "../nn/mean.ts";
import { rowsFrom } from "../nn/row-states.ts";
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
    const handed = rowsFrom(inputs.rowsBefore);
    const losses = validLosses(problem, { ...layersAt(state), ...handed.layers }, batch, hypers);
    const loss = losses.mul(weight.ref).sum();
    if (!problem.metric) return [{}, { loss, ...handed.left() }];
    const layers = { ...layersAt(state), ...handed.layers };
    const outputs = problem.predict(layers, tree.ref(batch), tree.ref(hypers), {}, "eval");
    const { details } = problem.metric;
    const sums = details?.sums(tree.ref(outputs), tree.ref(batch), weight.ref);
    const metric = problem.metric.perExample(outputs, batch).mul(weight).sum();
    return [{}, { loss, metric, ...(sums && { details: sums }), ...handed.left() }];
  },
  weights: (state) => [{}, { params: ownParams(problem, layersAt(state)) }],
});

/** Layers for evaluation in a state, which is borrowed: they see what training carries there. */
export const carrying = (layers: Layers, { carried }: ProgramState): Layers =>
  carried ? { ...layers, carry: heldCarry(carried) } : layers;

/** The parameters of a trained model, with what it needs of what training carries. */
const ownParams = ({ carried }: Problem, { params, carry }: Layers): ArrayTree =>
  carried && carry ? withCarried(params(), carried, carry.get) : params();

/** The current unconstrained hyperparameters as one row that all examples share: [1, size]. */
export const currentHypers = (state: ProgramState): np.Array =>
  (state.hypers as np.Array).ref.reshape([1, -1]);

/**
 * The programs by which a learned response is looked at away from the current hyperparameters.
 *
 * @param layersFor the layers at any λ: [1, size], which it consumes
 */
export const respondPrograms = (
  problem: Problem,
  layersFor: (state: ProgramState, hypers: np.Array) => Layers,
): { respond: Program; respondWeights: Program; pullResponse: Program } => ({
  respond(state, inputs) {
    const batch = inputs.batch as Batch;
    const at = (inputs.at as np.Array).reshape([1, -1]);
    const handed = rowsFrom(inputs.rowsBefore);
    const layers = { ...layersFor(state, at.ref), ...handed.layers };
    const hypers = naturalArrays(problem.space, at);
    const weight = inputs.weight as np.Array; // [rows]
    const outputs = () => problem.predict(layers, tree.ref(batch), tree.ref(hypers), {}, "eval");
    const train = problem.loss(outputs(), tree.ref(batch), tree.ref(hypers)).mul(weight.ref).sum();
    const valid = validLosses(problem, layers, batch, hypers).mul(weight).sum();
    const penalty = problem.penalty
      ? mean(problem.penalty(layers, hypers))
      : np.zeros([], { dtype: valid.dtype });
    return [{}, { train, valid, penalty, ...handed.left() }];
  },
  respondWeights: (state, inputs) => [
    {},
    { params: ownParams(problem, layersFor(state, (inputs.at as np.Array).reshape([1, -1]))) },
  ],
  pullResponse: (state, inputs) => {
    const along = (at: np.Array): np.Array =>
      treeProduct(layersFor(state, at.reshape([1, -1])).params(), tree.ref(inputs.adjoint as ArrayTree));
    return [{}, { hypers: gradient(along, inputs.at as np.Array) }];
  },
});
