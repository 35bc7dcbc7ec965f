import type { SupervisedData } from "../data/supervised-data.ts";
import { mlp } from "../nn/mlp.ts";
import type { Task } from "../problem/problem.ts";
import { supervised } from "../problem/supervised.ts";
import { real } from "../space/real.ts";
import type { Hyper } from "../space/space.ts";
import { HostArray } from "../util/host-array.ts";
import { randomKey, randomNormal } from "../util/random.ts";
import { aHyper } from "../space/values.ts";
import { ownOptions } from "../util/given.ts";
import { byName, count, listOf } from "../util/rule.ts";

/** What a small task is made of. */
export interface SmallTaskOptions {
  /** Units of each hidden layer; default `[4]`. */
  readonly hidden?: readonly number[];
  /** Default: a dropout rate for the input and for the hidden layer, and a weight decay. */
  readonly hypers?: Readonly<Record<string, Hyper>>;
}

/**
 * A classification task that a test trains on in milliseconds: three overlapping classes in three features, 24 training, 18
 * validation and 9 test examples.
 *
 * @throws {HypertrainError} for an option that is none of these, or whose value is none of its.
 */
export function smallTask(options: SmallTaskOptions = {}): Task {
  const rules = { hidden: listOf(count), hypers: byName(aHyper) };
  const { hidden = [4], hypers = threeHypers } = ownOptions("smallTask", options, rules);
  return supervised({ data: threeClasses(), network: mlp({ inputs: 3, hidden, outputs: 3 }), hypers });
}

const rate = { low: 0, high: 0.9 };
const threeHypers = {
  "dropout.input": real(0.1, rate),
  "dropout.fc1": real(0.2, rate),
  l2: real(0.01, { low: 1e-5, high: 1, log: true }),
};

function threeClasses(): SupervisedData {
  const part = (name: string, rows: number) => {
    const draws = randomNormal(randomKey(0, `small task ${name}`), 0, 3 * rows);
    const y = Int32Array.from({ length: rows }, (_, i) => i % 3);
    const x = Float64Array.from(draws, (z, i) => 0.7 * z + (y[Math.floor(i / 3)] === i % 3 ? 1 : 0));
    return { rows, fields: { x: new HostArray(x, [rows, 3]), y: new HostArray(y, [rows]) } };
  };
  return {
    name: "three classes",
    splits: { train: part("train", 24), valid: part("valid", 18), test: part("test", 9) },
    task: "classification",
    inputShape: [3],
    outputs: 3,
    classes: ["a", "b", "c"],
    warnings: [],
  };
}
