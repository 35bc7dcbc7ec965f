/**
 * Thousands of linear models, each trained from scratch at hyperparameters of its own: the truth of figure 6.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | n    | models of one group, trained at once on shared minibatches | |
 * | W, b | weights and biases, the ten classes of a model side by side | [784, 10 n], [10 n] |
 * | x, y | a minibatch, its targets repeated for every model | [rows, 784], [rows, 10 n] |
 * | D    | (x W + b - y) s; s makes it the derivative of 50 MSE, times q | [rows, 10 n] |
 * | r    | e^λ / 10 of each column | [10 n] |
 * | G    | q times the gradient: x' D + q r W / |W|, columnwise | [784, 10 n] |
 * | M, V | Adam's averages, up to factors that go into the step size | as W |
 *
 * One step for n models is two matrix products and twelve elementwise passes; onnxruntime fuses none of the latter, so
 * Adam is written for few of them. With M = q m / (1 - b1) and V = q² v / (1 - b2), q = b2^(-t/2) at step t, the decay of v is in q:
 *
 *     M <- b1 M / sqrt(b2) + G,    V <- V + G²,    W <- W - a M / (sqrt(V) + e)
 *     a = α (1 - b1) sqrt(c2 / (1 - b2)) / c1,    e = 1e-8 q sqrt(c2 / (1 - b2)),    c = 1 - b^t
 *
 * The classes of a linear model with squared error do not meet: a column's training depends on its own λ_k alone.
 */
import { numpy as np } from "@jax-js/jax";

import { evaluationBatches, gather } from "../../src/data/batches.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import type { Engine, Program, Session } from "../../src/engine/engine.ts";
import { HostArray, hostScalar, hostZeros } from "../../src/util/host-array.ts";
import { randomUniform, type RandomKey } from "../../src/util/random.ts";
import { CLASSES, PIXELS, WEIGHTS } from "./elementary.ts";

/** Weights of several models, flat as [weight [784, 10], bias [10]] each. */
export type Weights = Float32Array;

/** How {@link manyModels} trains. */
export interface ManyModelsOptions {
  /** Models trained at once. */
  readonly group: number;
  /** Examples of a minibatch: consecutive rows from a random first one. */
  readonly batchSize: number;
  /** Adam's step size. */
  readonly learningRate: number;
}

/** Trains and judges groups of linear models; `dispose` frees the engine's memory. */
export interface ManyModels {
  /** Trains one model from `start` for each λ [group, 10]; `key` draws the group's minibatches. */
  train(
    lambdas: Float64Array,
    start: Weights,
    steps: number,
    key: RandomKey,
    signal: AbortSignal,
  ): Promise<void>;
  /** Puts models in place of the trained ones: weights [group, 7850]. */
  write(weights: Weights): void;
  /** The validation loss 50 MSE - 1.3836 of every model. */
  judge(): Promise<number[]>;
  dispose(): void;
}

/** Opens a group on an engine. */
export function manyModels(
  engine: Engine,
  data: { readonly train: Dataset; readonly valid: Dataset },
  { group, batchSize, learningRate }: ManyModelsOptions,
): ManyModels {
  const columns = group * CLASSES;
  const zeros = { weight: hostZeros([PIXELS, columns]), bias: hostZeros([columns]) };
  const fresh = { M: zeros, V: zeros };
  const state = { W: zeros, ...fresh, r: hostZeros([columns]) };
  const session: Session = engine.open({ step: stepProgram, judge: judgeProgram }, state, "float32");
  const write = (weights: Weights) => session.write({ W: inColumns(weights, group) });
  return {
    write,
    async train(lambdas, start, steps, key, signal) {
      write(Float32Array.from({ length: group * WEIGHTS }, (_, i) => start[i % WEIGHTS] as number));
      session.write({
        ...fresh,
        r: new HostArray(
          lambdas.map((l) => Math.exp(l) / CLASSES),
          [columns],
        ),
      });
      const first = randomUniform(key, 0, steps);
      const batch = (step: number) => {
        const from = Math.floor((first[step] as number) * (data.train.rows - batchSize));
        return gather(data.train, Uint32Array.from(consecutive(from, batchSize)));
      };
      let next = steps > 0 ? batch(0) : {};
      for (let step = 0; step < steps; step++) {
        signal.throwIfAborted();
        const running = session.run("step", { ...next, ...adamScalars(step + 1, learningRate, batchSize) });
        if (step + 1 < steps) next = batch(step + 1); // while the engine works
        await running;
      }
    },
    async judge() {
      const sums = Array<number>(group).fill(0);
      for (const { fields } of evaluationBatches(data.valid, 1000)) {
        const { errors } = await session.run("judge", fields);
        sums.forEach((sum, i) => (sums[i] = sum + ((errors as HostArray).data[i] as number)));
      }
      return sums.map((sum) => (50 * sum) / (data.valid.rows * CLASSES) + 0.5 * Math.log(2 * Math.PI * 0.01));
    },
    dispose: () => session.dispose(),
  };
}

/** The numbers from, from + 1, … */
export const consecutive = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i);

type Pair = Record<"weight" | "bias", np.Array>;

const stepProgram: Program = (state, inputs) => {
  const { W, M, V, r } = state as unknown as { W: Pair; M: Pair; V: Pair; r: np.Array };
  const { x, y, s, q, decay, a, e } = inputs as Record<string, np.Array> as Record<
    Scalar | "x" | "y",
    np.Array
  >;
  const D = errorsOf(W, x.ref, y).mul(s);
  const shrink = r.ref.mul(q).div(np.sqrt(np.square(W.weight.ref).sum(0))); // [10 n]
  const G: Pair = {
    bias: D.ref.sum(0),
    weight: np.matmul(np.transpose(x), D).add(W.weight.ref.mul(shrink)), // [784, 10 n]
  };
  const moved = (part: keyof Pair) => {
    const first = M[part].mul(decay.ref).add(G[part].ref);
    const second = V[part].add(np.square(G[part]));
    return [W[part].sub(first.ref.div(np.sqrt(second.ref).add(e.ref)).mul(a.ref)), first, second] as const;
  };
  const [weight, bias] = [moved("weight"), moved("bias")];
  const [nextW, nextM, nextV] = [0, 1, 2].map((i) => ({ weight: weight[i], bias: bias[i] }) as Pair);
  const done = (nextW as Pair).bias.ref.sum(); // jax-js works when something is read; else its work piles up
  return [{ W: nextW as Pair, M: nextM as Pair, V: nextV as Pair }, { done }];
};

const judgeProgram: Program = ({ W }, { x, y }) => {
  const squares = np.square(errorsOf(W as Pair, x as np.Array, y as np.Array)).sum(0); // [10 n]
  return [{}, { errors: squares.reshape([-1, CLASSES]).sum(1) }]; // [n]
};

/** x W + b - y: [rows, 10 n]. Borrows the weights. */
function errorsOf({ weight, bias }: Pair, x: np.Array, y: np.Array): np.Array {
  const [rows, columns] = [x.shape[0] as number, bias.shape[0] as number];
  const outputs = np.matmul(x, weight.ref).add(bias.ref).reshape([rows, -1, CLASSES]); // [rows, n, 10]
  return outputs.sub(y.reshape([rows, 1, CLASSES])).reshape([rows, columns]);
}

type Scalar = "s" | "q" | "decay" | "a" | "e";

/** The scalars of step t, from 1; see the table above. */
function adamScalars(t: number, learningRate: number, rows: number): Record<Scalar, HostArray> {
  const [b1, b2] = [0.9, 0.999];
  const q = b2 ** (-t / 2);
  const root = Math.sqrt((1 - b2 ** t) / (1 - b2));
  const a = (learningRate * (1 - b1) * root) / (1 - b1 ** t);
  const s = (q * 100) / (rows * CLASSES);
  const all = { s, q, decay: b1 / Math.sqrt(b2), a, e: 1e-8 * q * root };
  return Object.fromEntries(Object.entries(all).map(([k, v]) => [k, hostScalar(v)])) as Record<
    Scalar,
    HostArray
  >;
}

/** Models one after another, as columns beside each other. */
function inColumns(weights: Weights, group: number): Record<"weight" | "bias", HostArray> {
  const columns = group * CLASSES;
  const rows = new Float32Array((PIXELS + 1) * columns);
  for (let model = 0; model < group; model++) {
    for (let i = 0; i < WEIGHTS; i++) {
      rows[Math.floor(i / CLASSES) * columns + model * CLASSES + (i % CLASSES)] = weights[
        model * WEIGHTS + i
      ] as number;
    }
  }
  const end = PIXELS * columns;
  return {
    weight: new HostArray(rows.subarray(0, end), [PIXELS, columns]),
    bias: new HostArray(rows.subarray(end), [columns]),
  };
}
