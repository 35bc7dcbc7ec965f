import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import type { SupervisedData } from "../data/supervised-data.ts";
import { HostArray } from "../util/host-array.ts";
import { accuracyMetric, determinationMetric, measuresOf } from "./metrics.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const f64 = (values: unknown) => np.array(values as number[], { dtype: np.float64 });
const sumsOf = async (array: np.Array | undefined) => [...((await array?.data()) ?? [])];

test("balanced accuracy and macro F1 follow from the confusion matrix", () => {
  // Recalls 3/4 and 1/2; F1 of each class 6/8 and 2/4. The third class has no rows.
  expect(
    measuresOf([
      [3, 1, 0],
      [1, 1, 0],
      [0, 0, 0],
    ]),
  ).toEqual({ "balanced accuracy": 0.625, F1: 0.625 });
  // Recalls 1 and 1/3; F1 2·1/(1 + 3) and 2·1/(3 + 1).
  const { "balanced accuracy": balanced, F1 } = measuresOf([
    [1, 0],
    [2, 1],
  ]);
  expect([balanced, F1]).toEqual([expect.closeTo(2 / 3, 12), 0.5]);
});

test("the confusion matrix counts rows of weight 1 by actual and predicted class", async () => {
  const { details } = accuracyMetric({ outputs: 2 });
  const logits = f64([[1, 0], [0, 1], [0, 1], [5, 0]]); // prettier-ignore
  const y = np.array([0, 0, 1, 1], { dtype: np.int32 });
  const sums = await sumsOf(details?.sums(logits as never, { y }, f64([1, 1, 1, 0])));
  expect(details?.finish(sums as number[], "valid").confusion).toEqual([
    [1, 1],
    [0, 1],
  ]);
  expect(accuracyMetric({ outputs: 51 }).details).toBeUndefined();
});

const dataOf = (transform: "none" | "log"): SupervisedData => {
  const part = (y: number[]) => ({
    rows: y.length,
    fields: { y: new HostArray(Float64Array.from(y), [y.length, 1]) },
  });
  return {
    name: "numbers",
    splits: { train: part([0]), valid: part([0, 1]) },
    task: "regression",
    inputShape: [1],
    outputs: 1,
    targetScale: { mean: 3, sd: 2 },
    encoding: {
      version: 1,
      columns: [],
      unused: [],
      target: { kind: "number", name: "y", notation: { decimal: "." }, transform, mean: 3, sd: 2 },
    },
    warnings: [],
  };
};

test("errors of a regression are in the target's own units", async () => {
  const { details } = determinationMetric(dataOf("none"));
  const sums = await sumsOf(details?.sums(f64([[1.5], [-1]]) as never, { y: f64([[0], [1]]) }, f64([1, 1])));
  // Targets 3 and 5, predictions 6 and 1: errors 3 and -4.
  expect(details?.finish(sums as number[], "valid").measures).toEqual({ MAE: 3.5, RMSE: Math.sqrt(12.5) });
});

test("a logarithm is undone before errors and R2 are taken", async () => {
  const metric = determinationMetric(dataOf("log"));
  const outputs = () => f64([[0], [0]]) as never;
  const sums = await sumsOf(metric.details?.sums(outputs(), { y: f64([[0], [1]]) }, f64([1, 1])));
  const error = Math.exp(5) - Math.exp(3); // of the second row; the first is right
  const { measures } = metric.details?.finish(sums as number[], "valid") ?? {};
  expect(measures?.MAE).toBeCloseTo(error / 2, 9);
  expect(measures?.RMSE).toBeCloseTo(error / Math.SQRT2, 9);
  const squares = await sumsOf(metric.perExample(outputs(), { y: f64([[0], [1]]) }));
  const mean = ((squares[0] as number) + (squares[1] as number)) / 2;
  // The mean of the targets is half the error away from both: the variance is a quarter of its square.
  expect(metric.finish?.(mean, "valid")).toBeCloseTo(1 - error ** 2 / 2 / (error ** 2 / 4), 9);
});
