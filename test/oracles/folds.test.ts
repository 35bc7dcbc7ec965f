import { expect, test } from "vitest";

import type { Dataset } from "../../src/data/dataset.ts";
import type { SupervisedData } from "../../src/data/supervised-data.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { mlp } from "../../src/nn/mlp.ts";
import { sgd } from "../../src/nn/optim/sgd.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { foldedTask } from "../../src/problem/folds.ts";
import type { Task } from "../../src/problem/problem.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { real } from "../../src/space/real.ts";
import { dot, solve } from "../../src/testing/linear-algebra.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { createRun } from "../../src/tuners/run.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";

/** One run over all rows at once, to its weights. */
async function weightsOf(task: Task, options: { epochs: number; batchSize: number; learningRate: number }) {
  const { learningRate, ...rest } = options;
  const tuner = fixed({ optimizer: sgd({ momentum: 0 }), learningRate });
  const set = { ...rest, evaluateEvery: rest.epochs, precision: "float64" } as const;
  const run = createRun(task, tuner, await onnxEngine({ threads: 1 }), set, { clock: performance });
  let end;
  for await (const event of run.events()) if (event.kind === "end") end = event.final;
  const params = (await run.weights("last")) as Params;
  run.dispose();
  return { end, params };
}

type Params = Readonly<Record<string, { weight: HostArray; bias: HostArray }>>;

const [ROWS, TEST, FOLDS, L2] = [12, 5, 3, 0.2];

/** Two columns and a target that hangs on them, as a number or as one of three classes. */
function dataOf(task: SupervisedData["task"]): SupervisedData {
  const part = (name: string, rows: number) => {
    const z = randomNormal(randomKey(3, name), 0, 3 * rows);
    const x = Float64Array.from({ length: 2 * rows }, (_, i) => z[i] as number);
    const numbers = Array.from(
      { length: rows },
      (_, i) => 1 + (x[2 * i] as number) + (z[2 * rows + i] as number),
    );
    const y =
      task === "regression"
        ? new HostArray(Float64Array.from(numbers), [rows, 1])
        : new HostArray(
            Int32Array.from(numbers, (v) => Math.max(0, Math.min(2, Math.round(v)))),
            [rows],
          );
    return { rows, fields: { x: new HostArray(x, [rows, 2]), y } };
  };
  const train = part("train", ROWS);
  return {
    ...{ name: "folds", task, inputShape: [2], outputs: task === "regression" ? 1 : 3, warnings: [] },
    ...(task === "classification" && { classes: ["a", "b", "c"] }),
    splits: { train, valid: train, test: part("test", TEST) },
  };
}

/** A linear model of each fold, trained to the end. */
async function trained(task: SupervisedData["task"]) {
  const data = dataOf(task);
  const { outputs } = data;
  const folded = foldedTask({
    ...{ data, network: mlp({ inputs: 2, hidden: [], outputs }), folds: FOLDS, seed: 1 },
    hypers: { l2: real(L2, { log: true }) },
  });
  const { end, params } = await weightsOf(folded, { epochs: 400, batchSize: ROWS, learningRate: 0.3 });
  const fold = Array.from(folded.data.train.fields.fold?.data ?? []);
  const answersOf = (k: number, part: "train" | "test"): number[][] => {
    const { weight, bias } = params[`fold${k + 1}-fc1`] as { weight: HostArray; bias: HostArray };
    const { x } = data.splits[part]?.fields as { x: HostArray };
    return Array.from({ length: part === "train" ? ROWS : TEST }, (_, i) =>
      Array.from(
        { length: outputs },
        (_, o) =>
          (bias.data[o] as number) +
          [0, 1].reduce(
            (sum, j) => sum + (x.data[2 * i + j] as number) * (weight.data[j * outputs + o] as number),
            0,
          ),
      ),
    );
  };
  return { data, end, params, fold, answersOf };
}

const meanOf = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

test("each network is the ridge solution of the rows that are not its fold's, and validates the others", async () => {
  const { data, end, params, fold, answersOf } = await trained("regression");
  const { x, y } = data.splits.train.fields as { x: HostArray; y: HostArray };
  const target = (i: number) => y.data[i] as number;
  expect([0, 1, 2].map((k) => fold.filter((f) => f === k).length)).toEqual([4, 4, 4]);
  for (let k = 0; k < FOLDS; k++) {
    const kept = fold.flatMap((f, i) => (f === k ? [] : [i]));
    const rows = kept.map((i) => [x.data[2 * i] as number, x.data[2 * i + 1] as number, 1]);
    const column = (j: number) => rows.map((row) => row[j] as number);
    const system = [0, 1, 2].map((a) =>
      [0, 1, 2].map((b) => (2 / kept.length) * dot(column(a), column(b)) + (a === b && a < 2 ? L2 : 0)),
    );
    const right = [0, 1, 2].map((a) => (2 / kept.length) * dot(column(a), kept.map(target)));
    const { weight, bias } = params[`fold${k + 1}-fc1`] as { weight: HostArray; bias: HostArray };
    const found = [...weight.data, ...bias.data];
    solve(system, right).forEach((value, j) => expect(found[j]).toBeCloseTo(value, 8));
  }
  const answers = [0, 1, 2].map((k) => answersOf(k, "train"));
  const own = fold.map((k, i) => ((answers[k]?.[i]?.[0] as number) - target(i)) ** 2);
  expect(end?.valid.loss).toBeCloseTo(meanOf(own), 10);
  const others = fold.map((k, i) =>
    meanOf([0, 1, 2].filter((f) => f !== k).map((f) => ((answers[f]?.[i]?.[0] as number) - target(i)) ** 2)),
  );
  expect(end?.train?.loss).toBeGreaterThan(meanOf(others)); // the mean over training, which fell
  expect(end?.train?.loss).toBeLessThan(2 * meanOf(others));
  const tested = [0, 1, 2].map((k) => answersOf(k, "test"));
  const { y: testY } = data.splits.test?.fields as { y: HostArray };
  const errors = Array.from(testY.data, (t, i) => (meanOf(tested.map((a) => a[i]?.[0] as number)) - t) ** 2);
  expect(end?.test?.loss).toBeCloseTo(meanOf(errors), 10);
});

test("classes are answered by the mean of the networks' probabilities, and every fold has its share of each", async () => {
  const { data, end, fold, answersOf } = await trained("classification");
  const { y } = data.splits.train.fields as { y: HostArray };
  const counts = [0, 1, 2].map((c) =>
    [0, 1, 2].map((k) => fold.filter((f, i) => f === k && y.data[i] === c).length),
  );
  for (const shares of counts) expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  const probability = (logits: readonly number[], label: number) =>
    Math.exp(logits[label] as number) / logits.reduce((sum, z) => sum + Math.exp(z), 0);
  const networks = [0, 1, 2].map((k) => answersOf(k, "test"));
  const { y: labels } = data.splits.test?.fields as { y: HostArray };
  const losses = Array.from(
    labels.data,
    (label, i) => -Math.log(meanOf(networks.map((answers) => probability(answers[i] as number[], label)))),
  );
  expect(end?.test?.loss).toBeCloseTo(meanOf(losses), 10);
});

test("with a penalty on activations each network is the one trained alone on the rows that are not its fold's", async () => {
  const data = dataOf("regression");
  const whole = sequential({
    ...{ name: "penalised", input: [2], outputs: 1 },
    layers: [
      { layer: "linear", outputs: 3 },
      { layer: "tanh" },
      { layer: "activation-l2" },
      { layer: "linear" },
    ],
  });
  const start = whole.init(randomKey(1, "start"));
  const network = { ...whole, init: () => start };
  const hypers = { "activation-l2": real(0.3, { low: 0 }) };
  const steps = { epochs: 30, learningRate: 0.3 };
  const folded = foldedTask({ data, network, hypers, folds: 2, seed: 1 });
  const { params } = await weightsOf(folded, { ...steps, batchSize: ROWS });
  const fold = Array.from(folded.data.train.fields.fold?.data ?? []);
  for (const k of [0, 1]) {
    const train = rowsOf(
      data.splits.train,
      fold.flatMap((f, i) => (f === k ? [] : [i])),
    );
    const task = supervised({ data: { ...data, splits: { train, valid: train } }, network, hypers });
    const alone = await weightsOf(task, { ...steps, batchSize: train.rows });
    for (const [layer, { weight, bias }] of Object.entries(alone.params)) {
      const found = params[`fold${k + 1}-${layer}`];
      weight.data.forEach((value, i) => expect(found?.weight.data[i]).toBeCloseTo(value, 10));
      bias.data.forEach((value, i) => expect(found?.bias.data[i]).toBeCloseTo(value, 10));
    }
  }
});

/** Some rows of a part. */
const rowsOf = ({ fields }: Dataset, rows: readonly number[]): Dataset => ({
  rows: rows.length,
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, { data, shape }]) => {
      const size = data.length / (shape[0] as number);
      const kept = rows.flatMap((row) => Array.from(data.subarray(row * size, (row + 1) * size)));
      return [name, new HostArray(Float64Array.from(kept), [rows.length, ...shape.slice(1)])];
    }),
  ),
});
