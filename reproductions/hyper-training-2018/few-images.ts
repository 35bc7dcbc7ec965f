import { gather } from "../../src/data/batches.ts";
import type { Dataset, Splits } from "../../src/data/dataset.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Task } from "../../src/problem/problem.ts";
import { responseCurve } from "../../src/tuners/response-curve.ts";
import type { Snapshot } from "../../src/tuners/run.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import { HostArray, type HostTree } from "../../src/util/host-array.ts";
import type { LossPoint } from "./cross-validation.ts";
import { CLASSES, PIXELS, readDigits, rowsOf } from "./elementary.ts";
import { numpyRandom } from "./numpy-random.ts";

/*
 * What figures 2 and 4 share: so few training images that the penalty matters, the draws of the authors' code, and the curve of a
 * learned response.
 */

const TRAIN_ROWS = 10; // the authors' code; the paper does not say

/** The first ten training images of MNIST, the `rows` after them to validate, and as many test images. */
export async function fewImages(dataDir: string, rows: number): Promise<Required<Splits>> {
  const { train, test } = await readDigits(dataDir);
  return {
    train: decoded(rowsOf(train, 0, TRAIN_ROWS)),
    valid: decoded(rowsOf(train, TRAIN_ROWS, rows)),
    test: decoded(rowsOf(test, 0, rows)),
  };
}

/** The weights from which the authors' code trains every model of its crosses: normal with standard deviation `scale`. */
export function drawnWeights(seed: number, scale: number): HostTree {
  const { randn } = numpyRandom(seed);
  const drawn = (shape: readonly number[], count: number) =>
    new HostArray(
      randn(count).map((z) => z * scale),
      shape,
    );
  return {
    fc1: { weight: drawn([PIXELS, CLASSES], PIXELS * CLASSES), bias: drawn([CLASSES], CLASSES) },
  };
}

/** The losses that a learned response predicts at the given λ. */
export async function learnedLosses(
  task: Task,
  tuner: Tuner,
  engine: Engine,
  { state }: Snapshot,
  lambdas: readonly number[],
  signal: AbortSignal,
): Promise<LossPoint[]> {
  const points: LossPoint[] = [];
  const at = lambdas.map((lambda) => [lambda]);
  const options = { evaluationBatchSize: task.data.valid.rows };
  for await (const { unconstrained, train, valid, test } of responseCurve(
    task,
    tuner,
    engine,
    state,
    at,
    options,
  )) {
    signal.throwIfAborted();
    points.push({
      lambda: unconstrained[0] as number, // the only one
      train: train.loss + train.penalty,
      valid: valid.loss,
      test: test?.loss as number, // MNIST has a test part
    });
  }
  return points;
}

/** `count` numbers from `low` to `high`, equally far apart. */
export const linspace = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

/** Numbers instead of codes, which saves decoding where the same rows are evaluated hundreds of times. */
export const decoded = (dataset: Dataset): Dataset => ({
  rows: dataset.rows,
  fields: gather(
    dataset,
    Uint32Array.from({ length: dataset.rows }, (_, row) => row),
  ),
});
