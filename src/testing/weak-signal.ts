import { mlp } from "../nn/mlp.ts";
import type { Task } from "../problem/problem.ts";
import type { LinearData } from "../problem/ridge.ts";
import { supervised } from "../problem/supervised.ts";
import { real } from "../space/real.ts";
import { HostArray } from "../util/host-array.ts";
import { randomKey, randomNormal } from "../util/random.ts";
import { dot, gram, shifted, solve, transposedTimes } from "./linear-algebra.ts";
import { ownOptions } from "../util/given.ts";
import { count, fromZero, needed, positive, seed, type Rules } from "../util/rule.ts";

/** What {@link weakSignal} is made of. */
export interface WeakSignalOptions {
  readonly seed: number;
  /** Default 60. */
  readonly trainRows?: number;
  /** Default 200. */
  readonly validRows?: number;
  /** Default 8. */
  readonly features?: number;
  /** Standard deviation of the noise on the targets, of coefficients with standard deviation ½; default 1.6. */
  readonly noise?: number;
  /** Where the weight decay starts; default 0.001, far below its optimum. */
  readonly start?: number;
}

/** A linear model with one weight decay, its task and its closed form. */
export interface WeakSignal {
  readonly task: Task;
  /** The validation loss of the model trained to the end at a weight decay. */
  validLossAt(l2: number): number;
  /** The best weight decay, to half a percent, and its validation loss. */
  readonly optimum: { readonly l2: number; readonly loss: number };
}

const weakSignalRules: Rules<WeakSignalOptions> = {
  ...{ seed: needed(seed), trainRows: count, validRows: count, features: count },
  ...{ noise: fromZero, start: positive },
};

/**
 * Linear regression on few noisy rows: a weight decay changes the loss by little, so that a response which is learned from samples
 * has little to learn of.
 *
 * | symbol | meaning |
 * |---|---|
 * | X, y, n | training columns, of mean 0 and variance 1, targets likewise, rows |
 * | w*(l2) | argmin (1/n)|X w - y|² + ½ l2 |w|² = ((2/n) X'X + l2 I)^-1 (2/n) X'y |
 *
 * @throws {HypertrainError} for an option that is none of these, or whose value is none of its.
 */
export function weakSignal(options: WeakSignalOptions): WeakSignal {
  const { start = 1e-3 } = ownOptions("weakSignal", options, weakSignalRules);
  const { train, valid } = standardized(draw(options));
  const n = train.y.length;
  const [g, b] = [gram(train.x), transposedTimes(train.x, train.y)];
  const validLossAt = (l2: number): number => {
    const w = solve(
      shifted(g, 2 / n, l2),
      b.map((v) => (2 * v) / n),
    );
    return valid.y.reduce((sum, y, i) => sum + (y - dot(valid.x[i] as number[], w)) ** 2, 0) / valid.y.length;
  };
  const features = (train.x[0] as readonly number[]).length;
  const task = supervised({
    data: {
      name: "weak signal",
      splits: { train: part(train), valid: part(valid) },
      task: "regression",
      inputShape: [features],
      outputs: 1,
      warnings: [],
    },
    network: mlp({ inputs: features, hidden: [], outputs: 1 }),
    hypers: { l2: real(start, { log: true }) },
  });
  let found: WeakSignal["optimum"] | undefined; // once somebody asks, since it takes seconds
  return {
    task,
    validLossAt,
    get optimum() {
      return (found ??= minimum(validLossAt));
    },
  };
}

function draw({ seed, trainRows = 60, validRows = 200, features = 8, noise = 1.6 }: WeakSignalOptions) {
  const rows = trainRows + validRows;
  const z = randomNormal(randomKey(seed, "weak signal"), 0, features + rows * (features + 1));
  const at = (i: number) => z[i] as number;
  const x = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: features }, (_, j) => at(features + i * features + j)),
  );
  const y = x.map(
    (row, i) => row.reduce((sum, v, j) => sum + 0.5 * v * at(j), 0) + noise * at(features * (rows + 1) + i),
  );
  return { x, y, trainRows };
}

/** By the training rows' means and deviations. */
function standardized({ x, y, trainRows }: ReturnType<typeof draw>): {
  train: LinearData;
  valid: LinearData;
} {
  const scaled = (column: readonly number[]): number[] => {
    const own = column.slice(0, trainRows);
    const mean = own.reduce((sum, v) => sum + v, 0) / trainRows;
    const deviation = Math.sqrt(own.reduce((sum, v) => sum + (v - mean) ** 2, 0) / trainRows);
    return column.map((v) => (v - mean) / deviation);
  };
  const columns = (x[0] as number[]).map((_, j) => scaled(x.map((row) => row[j] as number)));
  const targets = scaled(y);
  const rows = y.map((_, i) => columns.map((column) => column[i] as number));
  return {
    train: { x: rows.slice(0, trainRows), y: targets.slice(0, trainRows) },
    valid: { x: rows.slice(trainRows), y: targets.slice(trainRows) },
  };
}

const part = ({ x, y }: LinearData) => ({
  rows: y.length,
  fields: {
    x: new HostArray(Float32Array.from(x.flat()), [y.length, (x[0] as readonly number[]).length]),
    y: new HostArray(Float32Array.from(y), [y.length, 1]),
  },
});

/** On a grid of half a percent from 10^-4 to 20. */
function minimum(lossAt: (l2: number) => number): { l2: number; loss: number } {
  let best = { l2: NaN, loss: Infinity };
  for (let u = Math.log(1e-4); u < Math.log(20); u += 0.005) {
    const loss = lossAt(Math.exp(u));
    if (loss < best.loss) best = { l2: Math.exp(u), loss };
  }
  return best;
}
