import { expect, test } from "vitest";

import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { real } from "../../src/space/real.ts";
import { dot, solve } from "../../src/testing/linear-algebra.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { createRun } from "../../src/tuners/run.ts";
import { endlessRun } from "../../src/tuners/tuner.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { leaf, linearData } from "./settle.ts";

/*
 * Linear regression y = w'x on images that are multiplied by a ~ U(1/(1 + s), 1 + s), one a for each. The expected loss is
 *
 *     E Σ (a w'x - y)² = m2 w'X'X w - 2 m1 w'X'y + y'y,   m1 = E a,   m2 = E a²,
 *
 * so that the best response is w*(s) = (m1/m2) w_ols, an augmentation whose response is known.
 */

const [ROWS, PIXELS, START, HIGH] = [256, 3, 1, 3] as const;
const { x, y } = linearData(2, ROWS, PIXELS, [1, -0.6, 0.8], 0.1);

function shrinkage(s: number): number {
  const [low, high] = [1 / (1 + s), 1 + s];
  return (low + high) / 2 / ((low ** 2 + low * high + high ** 2) / 3);
}

const column = (j: number) => x.map((row) => row[j] as number);
const pixels = [...Array(PIXELS).keys()];
const ols = solve(
  pixels.map((i) => pixels.map((j) => dot(column(i), column(j)))),
  pixels.map((i) => dot(column(i), y)),
);

test("Delta-STN learns how the weights respond to the strength of an augmentation", async () => {
  const part = {
    rows: ROWS,
    fields: {
      x: new HostArray(Float64Array.from(x.flat()), [ROWS, 1, 1, PIXELS]),
      y: new HostArray(Float64Array.from(y), [ROWS, 1]),
    },
  };
  const task = supervised({
    data: {
      ...{ name: "scaled", splits: { train: part, valid: part }, task: "regression", warnings: [] },
      ...{
        inputShape: [1, 1, PIXELS],
        images: { shape: [1, 1, PIXELS], scale: { mean: 0, sd: 1 } },
        outputs: 1,
      },
    },
    network: sequential({
      input: [1, 1, PIXELS],
      outputs: 1,
      layers: [{ layer: "flatten" }, { layer: "linear", bias: false }],
    }),
    hypers: { "input-scale": real(START, { low: 0, high: HIGH, scale: 0.3, tuneScale: false }) },
  });
  const tuner = deltaStn({
    optimizer: gradientDescent(),
    responseOptimizer: gradientDescent(),
    learningRate: 0.1,
    responseLearningRate: 1,
    schedule: (step) => 1 / (1 + step / 200), // averages the draws
    warmupEpochs: Infinity,
    perturbations: "full",
  });
  const engine = await onnxEngine();
  const run = createRun(
    task,
    tuner,
    engine,
    { epochs: 3000, batchSize: ROWS, evaluateEvery: 3000, precision: "float64" },
    { clock: { now: () => 0 } },
  );
  for await (const _ of run.events());
  const { state } = await run.snapshot();
  run.dispose();
  const session = engine.open(tuner.prepare(task, 0, endlessRun).programs, state, "float64");
  const weightsAt = async (u: number) => {
    const at = new HostArray(Float64Array.of(u), [1]);
    return leaf((await session.run("respondWeights", { at })).params as never, "fc1.weight");
  };
  const start = Math.log(START / (HIGH - START));
  const derivative = (f: (u: number) => number) => (f(start + 1e-4) - f(start - 1e-4)) / 2e-4;
  const expected = derivative((u) => shrinkage(HIGH / (1 + Math.exp(-u))));
  const [at, above] = [await weightsAt(start), await weightsAt(start + 1)];
  session.dispose();
  pixels.forEach((j) => {
    expect((at[j] as number) / (ols[j] as number)).toBeCloseTo(shrinkage(START), 2);
    const learned = ((above[j] as number) - (at[j] as number)) / (ols[j] as number);
    expect(Math.abs(learned / expected - 1)).toBeLessThan(0.1);
  });
});
