import { expect, test } from "vitest";

import { sequential } from "../../src/nn/sequential.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { real } from "../../src/space/real.ts";
import { dot, solve } from "../../src/testing/linear-algebra.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { leaf, linearData, settle } from "./settle.ts";

/*
 * Linear regression y = w'x with whole channels of x dropped at the rate p: the expected loss is that of
 *
 *     Σ_n (w'x_n - y_n)² + p/(1-p) Σ_n Σ_c (w_c'x_nc)²,
 *
 * so the optimal weights are those of a ridge regression with one block of the penalty's matrix for each channel.
 */

const [CHANNELS, PIXELS, ROWS, RATE] = [3, 2, 9, 0.5] as const; // at 1/2 all masks are equally probable
const { x, y } = linearData(3, ROWS, CHANNELS * PIXELS, [1, -0.6, 0.3, 0.8, -0.2, 0.5], 1);
const channelOf = (feature: number) => Math.floor(feature / PIXELS);

/** Every row of the data once for each of the masks. */
const masks = Array.from({ length: 2 ** CHANNELS }, (_, mask) =>
  Array.from({ length: CHANNELS }, (_, c) => (mask >> c) & 1),
);
const copies = <T>(rows: readonly T[]): T[] => masks.flatMap(() => rows);

const blockRidge = (): number[] => {
  const features = [...Array(CHANNELS * PIXELS).keys()];
  const column = (j: number) => x.map((row) => row[j] as number);
  const penalty = RATE / (1 - RATE);
  const matrix = features.map((i) =>
    features.map((j) => dot(column(i), column(j)) * (channelOf(i) === channelOf(j) ? 1 + penalty : 1)),
  );
  return solve(
    matrix,
    features.map((i) => dot(column(i), y)),
  );
};

test("training with channel dropout ends at the weights of a ridge regression in blocks", async () => {
  const rows = ROWS * masks.length;
  const part = {
    rows,
    fields: {
      x: new HostArray(Float64Array.from(copies(x).flat()), [rows, CHANNELS * PIXELS]),
      y: new HostArray(Float64Array.from(copies(y)), [rows, 1]),
    },
  };
  const task = supervised({
    data: {
      name: "channels",
      splits: { train: part, valid: part },
      task: "regression",
      inputShape: [CHANNELS * PIXELS],
      outputs: 1,
      warnings: [],
    },
    network: sequential({
      input: [CHANNELS, 1, PIXELS],
      outputs: 1,
      layers: [{ layer: "channel-dropout" }, { layer: "flatten" }, { layer: "linear", bias: false }],
    }),
    hypers: { dropout: real(RATE, { low: 0, high: 0.9 }) },
  });
  const draws = masks.flatMap((mask) => x.flatMap(() => mask.map((kept) => 0.25 + kept / 2)));
  const state = await settle(task, fixed({ optimizer: gradientDescent(), learningRate: 0.1 }), {
    steps: 400,
    noise: () => ({ input: new HostArray(Float64Array.from(draws), [rows, CHANNELS, 1, 1]) }),
  });
  const expected = blockRidge();
  leaf(state, "params.fc1.weight").forEach((w, i) => expect(w).toBeCloseTo(expected[i] as number, 7));
});
