import { numpy as np } from "@jax-js/jax";

import type { Score } from "../api/trace.ts";
import type { Scale, SupervisedData } from "../data/supervised-data.ts";
import { accuracy, oneHot, squaredError, tokenCrossEntropy } from "../nn/loss.ts";
import { mean } from "../nn/mean.ts";
import type { Metric } from "./problem.ts";

/** The exponential of the mean cross-entropy of all steps of all rows: how many tokens one would hesitate between, were they equally likely. */
export const perplexityMetric: Metric = {
  name: "perplexity",
  perExample: (outputs, { y }) => mean(tokenCrossEntropy(outputs as np.Array, y as np.Array), 1),
  finish: Math.exp,
};

/** With more classes there is no confusion matrix. */
const MOST_CLASSES = 50;

/** The share of rows whose class is the most probable one; beside it balanced accuracy, macro F1 (the mean over classes) and the confusion matrix. */
export const accuracyMetric = ({ outputs: classes }: Pick<SupervisedData, "outputs">): Metric => ({
  name: "accuracy",
  perExample: (outputs, { y }) => accuracy(outputs as np.Array, y as np.Array),
  ...(classes <= MOST_CLASSES && {
    details: {
      names: ["balanced accuracy", "F1"],
      sums(outputs, { y }, weight) {
        const logits = outputs as np.Array;
        const rows = weight.shape[0] as number;
        const actual = oneHot(y as np.Array, logits).mul(weight.reshape([rows, 1])); // [rows, classes]
        const predicted = oneHot(np.argmax(logits.ref, -1), logits);
        logits.dispose();
        return np.matmul(actual.transpose(), predicted); // [classes, classes]
      },
      finish: (sums) => {
        const confusion = Array.from({ length: classes }, (_, k) =>
          sums.slice(k * classes, (k + 1) * classes).map(Math.round),
        );
        return { measures: measuresOf(confusion), confusion };
      },
    },
  }),
});

/**
 * From a confusion matrix of rows by actual and columns by predicted class: balanced accuracy, the mean share of each class that is
 * found, and F1, the mean over classes of 2 found / (actual + predicted). Classes without rows do not count.
 */
export function measuresOf(confusion: readonly (readonly number[])[]): Record<string, number> {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const mean = (values: readonly number[]) => sum(values) / values.length;
  const classes = confusion.map((row, k) => ({
    found: row[k] as number,
    actual: sum(row),
    predicted: sum(confusion.map((other) => other[k] as number)),
  }));
  const there = classes.filter(({ actual }) => actual > 0);
  return {
    "balanced accuracy": mean(there.map(({ found, actual }) => found / actual)),
    F1: mean(there.map(({ found, actual, predicted }) => (2 * found) / (actual + predicted))),
  };
}

/** R2 = 1 - mean squared error / variance of the part's targets, in the target's own units; beside it MAE and RMSE, likewise. */
export function determinationMetric(data: SupervisedData): Metric {
  const { splits, targetScale = { mean: 0, sd: 1 }, encoding, outputs: width } = data;
  const log = encoding?.target.kind === "number" && encoding.target.transform === "log";
  const variances = (part: "train" | "valid" | "test"): number => {
    const y = splits[part]?.fields.y;
    if (!y) return NaN;
    const [rows, outputs = 1] = y.shape as [number, number?];
    const values = log
      ? Float64Array.from(y.data, (v) => Math.exp(targetScale.mean + targetScale.sd * v))
      : y.data;
    let total = 0;
    for (let o = 0; o < outputs; o++) {
      const column = Array.from({ length: rows }, (_, i) => values[i * outputs + o] as number);
      const mean = column.reduce((sum, v) => sum + v, 0) / rows;
      total += column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / rows;
    }
    return total / outputs;
  };
  const rowsIn = (part: "train" | "valid" | "test") => splits[part]?.rows ?? NaN;
  return {
    name: "R2",
    perExample: (outputs, { y }) =>
      log
        ? squaredError(natural(outputs as np.Array, targetScale), natural(y as np.Array, targetScale))
        : squaredError(outputs as np.Array, y as np.Array),
    finish: (mean, part) => 1 - mean / variances(part),
    details: {
      names: ["MAE", "RMSE"],
      sums(outputs, { y }, weight) {
        const rows = weight.shape[0] as number;
        const error = log
          ? natural(outputs as np.Array, targetScale).sub(natural(y as np.Array, targetScale))
          : (outputs as np.Array).sub(y as np.Array).mul(targetScale.sd); // [rows, outputs]
        const weights = weight.reshape([rows, 1]);
        const absolute = np.abs(error.ref).mul(weights.ref).sum();
        return np.stack([absolute, np.square(error).mul(weights).sum()]); // [2]
      },
      finish(sums, part): Pick<Score, "measures"> {
        const count = rowsIn(part) * width;
        const [absolute, squared] = sums as [number, number];
        return { measures: { MAE: absolute / count, RMSE: Math.sqrt(squared / count) } };
      },
    },
  };
}

/** Standardised logarithms in the target's own units. Consumes them. */
const natural = (values: np.Array, { mean, sd }: Scale): np.Array => np.exp(values.mul(sd).add(mean));
