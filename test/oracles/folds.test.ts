import { expect, test } from "vitest";

import type { SupervisedData } from "../../src/data/supervised-data.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { mlp } from "../../src/nn/mlp.ts";
import { sgd } from "../../src/nn/optim/sgd.ts";
import { foldedTask } from "../../src/problem/folds.ts";
import { real } from "../../src/space/real.ts";
import { dot, solve } from "../../src/testing/linear-algebra.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { createRun } from "../../src/tuners/run.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";

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
  const tuner = fixed({ optimizer: sgd({ momentum: 0 }), learningRate: 0.3 });
  const options = { epochs: 400, batchSize: ROWS, evaluateEvery: 400, precision: "float64" } as const;
  const run = createRun(folded, tuner, await onnxEngine({ threads: 1 }), options, { clock: performance });
  let end;
  for await (const event of run.events()) if (event.kind === "end") end = event.final;
  const params = (await run.weights("last")) as Record<string, { weight: HostArray; bias: HostArray }>;
  run.dispose();
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
