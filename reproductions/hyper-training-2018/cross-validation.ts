import { tree, type numpy as np } from "@jax-js/jax";

import { evaluationBatches, gather } from "../../src/data/batches.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import type { ArrayTree, Engine, Program } from "../../src/engine/engine.ts";
import { gradients, overRows } from "../../src/engine/transform.ts";
import type { UpdateInputs } from "../../src/hypergrad/training-step.ts";
import { plainLayers } from "../../src/nn/layer.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import { trainObjective, validLosses } from "../../src/problem/objective.ts";
import type { Problem, Task } from "../../src/problem/problem.ts";
import { unflattened } from "../../src/response/hypernet.ts";
import { naturalArrays } from "../../src/space/space.ts";
import type { EvaluationInputs } from "../../src/tuners/evaluate.ts";
import { flattened, hostVector, HostArray, hostScalar, type HostTree } from "../../src/util/host-array.ts";

/** The losses of a model at one λ. */
export interface LossPoint {
  readonly lambda: number;
  /** The training loss with its penalty, as the paper draws it. */
  readonly train: number;
  readonly valid: number;
  readonly test: number;
}

/** How {@link crossValidation} trains. */
export interface CrossValidationOptions {
  /** Where every model starts. */
  readonly start: HostTree;
  /** Step size of Adam. */
  readonly learningRate: number;
  /** Steps, each on all training rows. */
  readonly steps: number;
  readonly signal: AbortSignal;
}

/**
 * Algorithm 1, for a problem with one hyperparameter: trains a model from scratch at each of the given λ, all of them in one
 * program over weights [models, weights].
 */
export async function crossValidation(
  { problem, data }: Task,
  engine: Engine,
  lambdas: readonly number[],
  { start, learningRate, steps, signal }: CrossValidationOptions,
): Promise<LossPoint[]> {
  const models = lambdas.length;
  const first = hostVector(flattened(start));
  const weights = new Float64Array(models * first.data.length);
  for (let model = 0; model < models; model++) weights.set(first.data, model * first.data.length);
  const params = { w: new HostArray(weights, [models, first.data.length]) };
  const session = engine.open(
    { train: trainProgram(problem, start), evaluate: evaluateProgram(problem, start) },
    {
      params,
      hypers: new HostArray(Float64Array.from(lambdas), [models, 1]),
      optimizer: adam().init(params),
    },
    "float32",
  );
  try {
    const batch = wholeOf(data.train);
    let objectives = new HostArray(new Float32Array(models), [models]);
    for (let step = 0; step <= steps; step++) {
      signal.throwIfAborted();
      // The last step only tells the loss of where the others have led.
      const settings = { learningRate: hostScalar(step < steps ? learningRate : 0) };
      objectives = (await session.run("train", { batch, settings })).objectives;
    }
    const meanOn = async (part: Dataset): Promise<number[]> => {
      const sums = Array<number>(models).fill(0);
      for (const { fields, weight } of evaluationBatches(part, Math.min(part.rows, 1000))) {
        const { losses } = await session.run("evaluate", { batch: fields, weight });
        sums.forEach((sum, i) => (sums[i] = sum + (losses.data[i] as number)));
      }
      return sums.map((sum) => sum / part.rows);
    };
    const valid = await meanOn(data.valid);
    const test = await meanOn(data.test as Dataset); // MNIST has one
    return lambdas.map((lambda, i) => ({
      lambda,
      train: objectives.data[i] as number,
      valid: valid[i] as number,
      test: test[i] as number,
    }));
  } finally {
    session.dispose();
  }
}

/** The model with the lowest validation loss. */
export const bestOf = <Point extends { readonly valid: number }>(points: readonly Point[]): Point =>
  points.reduce((best, point) => (point.valid < best.valid ? point : best));

/** One step of every model on its own objective; Adam moves each weight by its own gradient, so the sum trains them apart. */
const trainProgram =
  (
    problem: Problem,
    like: HostTree,
  ): Program<ModelsState, Omit<UpdateInputs, "noise">, { objectives: np.Array }> =>
  (state, inputs) => {
    const loss = (params: ModelsState["params"]): [np.Array, { objectives: np.Array }] => {
      const objectives = overModels(state, params, (layers, hypers) => {
        const { loss, penalty } = trainObjective(problem, layers, inputs.batch, hypers, {});
        return loss.add(penalty);
      });
      return [objectives.ref.sum(), { objectives }];
    };
    const overModels = layersOfModels(problem, like);
    const { grads, reported } = gradients(loss, tree.ref(state.params));
    const [params, optimizer] = adam().update(grads[0], state.optimizer, state.params, inputs.settings);
    return [{ params: params as ModelsState["params"], optimizer }, reported]; // an optimizer keeps structures
  };

/** Every model's weighted sum of losses. */
const evaluateProgram =
  (problem: Problem, like: HostTree): Program<ModelsState, EvaluationInputs, { losses: np.Array }> =>
  (state, { batch, weight }) => {
    const losses = layersOfModels(problem, like)(state, tree.ref(state.params), (layers, hypers) =>
      validLosses(problem, layers, batch, hypers).mul(weight.ref).sum(),
    );
    return [{}, { losses }];
  };

/** A row for each model: its weights, and its λ. */
type ModelsState = { params: { w: np.Array }; hypers: np.Array; optimizer: ArrayTree };

type AtModel = (layers: ReturnType<typeof plainLayers>, hypers: ReturnType<typeof naturalArrays>) => np.Array;

/** Calls a function with the layers and the hyperparameters of every model: [models]. Consumes the parameters. */
const layersOfModels =
  (problem: Problem, like: HostTree) =>
  ({ hypers }: Pick<ModelsState, "hypers">, { w }: ModelsState["params"], at: AtModel): np.Array =>
    overRows(
      (flat: np.Array, row: np.Array) =>
        at(plainLayers(unflattened(flat, like)), naturalArrays(problem.space, row.reshape([1, -1]))),
      w,
      hypers.ref,
    );

/** All rows of a dataset at once. */
const wholeOf = (dataset: Dataset) =>
  gather(
    dataset,
    Uint32Array.from({ length: dataset.rows }, (_, row) => row),
  );
