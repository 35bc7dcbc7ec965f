import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree, NoArrays, Program, Programs, ProgramState } from "../engine/engine.ts";
import { gradient } from "../engine/transform.ts";
import { treeProduct } from "../hypergrad/tree-product.ts";
import { heldCarry, withCarried } from "../nn/carried.ts";
import type { Layers } from "../nn/layer.ts";
import { mean } from "../nn/mean.ts";
import { rowsFrom } from "../nn/row-states.ts";
import { validLosses } from "../problem/objective.ts";
import type { Batch, Problem } from "../problem/problem.ts";
import { naturalArrays } from "../space/space.ts";

/** The parts of the state of every tuner, see `PreparedTuner`, and those that the run knows where there are any. */
export type TunedState = {
  params: ArrayTree;
  hypers: np.Array;
  scales?: np.Array;
  /** What training carries from step to step. */
  carried?: ArrayTree;
  /** Of a method that learns one. */
  response?: ArrayTree;
  /** The state of the optimizer of `params`. */
  paramsOptimizer?: ArrayTree;
};

/** Rows to evaluate: their `weight` [rows], and where rows hand something on what the rows before them have left. */
export type EvaluationInputs = { batch: Batch; weight: np.Array; rowsBefore?: ArrayTree };

/** The programs that the run loop asks of every tuner. */
export type EvaluationPrograms<State extends ProgramState = TunedState> = {
  /** Weighted sums over the rows, dropout off: of the loss and, with a metric, of that and maybe of its `details`. */
  readonly evaluate: Program<
    State,
    EvaluationInputs,
    { loss: np.Array; metric?: np.Array; details?: np.Array; rowsLeft?: ArrayTree }
  >;
  /** The trained network's own weights at the current hyperparameters. */
  readonly weights: Program<State, NoArrays, { params: ArrayTree }>;
};

/**
 * The programs that the run loop asks of every tuner, from where its trained network stands.
 *
 * @param layersAt the layers that the trained network has at a state's current hyperparameters; borrows the state
 */
export const evaluationPrograms = <State extends TunedState = TunedState>(
  problem: Problem,
  layersAt: (state: State) => Layers,
): EvaluationPrograms<State> => ({
  evaluate(state, { batch, weight, rowsBefore }) {
    const hypers = naturalArrays(problem.space, currentHypers(state));
    const handed = rowsFrom(rowsBefore);
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
export const carrying = (layers: Layers, { carried }: Pick<TunedState, "carried">): Layers =>
  carried ? { ...layers, carry: heldCarry(carried) } : layers;

/** The parameters of a trained model, with what it needs of what training carries. */
const ownParams = ({ carried }: Problem, { params, carry }: Layers): ArrayTree =>
  carried && carry ? withCarried(params(), carried, carry.get) : params();

/** The current unconstrained hyperparameters as one row that all examples share: [1, size]. */
export const currentHypers = ({ hypers }: Pick<TunedState, "hypers">): np.Array =>
  hypers.ref.reshape([1, -1]);

/** The programs by which a learned response is looked at away from the current hyperparameters. */
export type RespondPrograms<State extends ProgramState = ProgramState> = {
  /** At λ `at` [size]: the weighted sums of both losses over the rows, dropout off, and the penalty. */
  readonly respond: Program<
    State,
    EvaluationInputs & { at: np.Array },
    { train: np.Array; valid: np.Array; penalty: np.Array; rowsLeft?: ArrayTree }
  >;
  /** The weights at `at`. */
  readonly respondWeights: Program<State, { at: np.Array }, { params: ArrayTree }>;
  /** Of `adjoint`, which is like the weights, and the weights at `at`: their product's derivative by λ, [size]. */
  readonly pullResponse: Program<State, { at: np.Array; adjoint: ArrayTree }, { hypers: np.Array }>;
};

/** The programs by name: those that the run loop itself asks for, of a response where the method has learned one, and the tuner's own. */
export type TunerPrograms = Programs & EvaluationPrograms & Partial<RespondPrograms>;

/**
 * The programs by which a learned response is looked at away from the current hyperparameters.
 *
 * @param layersFor the layers at any λ: [1, size], which it consumes
 */
export const respondPrograms = <State extends ProgramState>(
  problem: Problem,
  layersFor: (state: State, hypers: np.Array) => Layers,
): RespondPrograms<State> => ({
  respond(state, { batch, weight, rowsBefore, at: point }) {
    const at = point.reshape([1, -1]);
    const handed = rowsFrom(rowsBefore);
    const layers = { ...layersFor(state, at.ref), ...handed.layers };
    const hypers = naturalArrays(problem.space, at);
    const outputs = () => problem.predict(layers, tree.ref(batch), tree.ref(hypers), {}, "eval");
    const train = problem.loss(outputs(), tree.ref(batch), tree.ref(hypers)).mul(weight.ref).sum();
    const valid = validLosses(problem, layers, batch, hypers).mul(weight).sum();
    const penalty = problem.penalty
      ? mean(problem.penalty(layers, hypers))
      : np.zeros([], { dtype: valid.dtype });
    return [{}, { train, valid, penalty, ...handed.left() }];
  },
  respondWeights: (state, { at }) => [
    {},
    { params: ownParams(problem, layersFor(state, at.reshape([1, -1]))) },
  ],
  pullResponse: (state, { adjoint, at: here }) => {
    const along = (at: np.Array): np.Array =>
      treeProduct(layersFor(state, at.reshape([1, -1])).params(), tree.ref(adjoint));
    return [{}, { hypers: gradient(along, here) }];
  },
});
