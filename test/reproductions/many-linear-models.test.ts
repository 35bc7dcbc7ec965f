import { expect, test } from "vitest";

import { CLASSES, PIXELS, WEIGHTS } from "../../reproductions/hyper-training-2018/elementary.ts";
import { manyModels } from "../../reproductions/hyper-training-2018/many-linear-models.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { randomKey, randomNormal, randomUniform } from "../../src/util/random.ts";

const ROWS = 6; // of a minibatch
const STEPS = 5;
const RATE = 0.01;

const uniforms = (name: string, count: number) => randomUniform(randomKey(3, name), 0, count);

/** One row more than a minibatch, so that every minibatch starts at row 0; the last 1,000 are judged at once. */
const rowsOf = (name: string, rows: number): Dataset => ({
  rows,
  fields: {
    x: new HostArray(uniforms(`${name} x`, rows * PIXELS), [rows, PIXELS]),
    y: new HostArray(uniforms(`${name} y`, rows * CLASSES), [rows, CLASSES]),
  },
});
const data = { train: rowsOf("train", ROWS + 1), valid: rowsOf("valid", 1000) };
const start = Float32Array.from(randomNormal(randomKey(3, "start"), 0, WEIGHTS), (z) => z / 100);
const lambdas = Float64Array.from(uniforms("lambdas", 2 * CLASSES), (u) => 6 * u - 3);

/** f - y of the first rows: [rows, 10], at w: [785, 10], whose last row is the bias. */
function errors(w: Float64Array, { fields }: Dataset, rows: number): number[][] {
  const { x, y } = fields as Record<"x" | "y", HostArray>;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: CLASSES }, (_, k) => {
      let f = w[PIXELS * CLASSES + k]! - y.data[row * CLASSES + k]!;
      for (let i = 0; i < PIXELS; i++) f += x.data[row * PIXELS + i]! * w[i * CLASSES + k]!;
      return f;
    }),
  );
}

/** The validation loss of one model after steps of Adam as its paper writes them, in float64. */
function lossByHand(lambda: Float64Array): number {
  const w = Float64Array.from(start);
  const [m, v] = [new Float64Array(WEIGHTS), new Float64Array(WEIGHTS)];
  const x = (data.train.fields.x as HostArray).data;
  for (let t = 1; t <= STEPS; t++) {
    const d = errors(w, data.train, ROWS);
    const norms = Array.from({ length: CLASSES }, (_, k) =>
      Math.hypot(...Array.from({ length: PIXELS }, (_, i) => w[i * CLASSES + k]!)),
    );
    const gradient = w.map((weight, at) => {
      const [i, k] = [Math.floor(at / CLASSES), at % CLASSES];
      const data = d.reduce((sum, row, n) => sum + row[k]! * (i < PIXELS ? x[n * PIXELS + i]! : 1), 0);
      const shrink = i < PIXELS ? (Math.exp(lambda[k]!) * weight) / norms[k]! / CLASSES : 0;
      return (100 * data) / (ROWS * CLASSES) + shrink;
    });
    gradient.forEach((g, i) => {
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.999 * v[i]! + 0.001 * g * g;
      w[i]! -= (RATE * (m[i] / (1 - 0.9 ** t))) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8);
    });
  }
  const squares = errors(w, data.valid, 1000)
    .flat()
    .map((e) => e * e);
  const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  return 50 * mean + Math.log(2 * Math.PI * 0.01) / 2;
}

test("models trained side by side end where each does alone by hand", async () => {
  const group = manyModels(await jaxEngine(), data, { group: 2, batchSize: ROWS, learningRate: RATE });
  await group.train(lambdas, start, STEPS, randomKey(0, "minibatches"), new AbortController().signal);
  const losses = await group.judge();
  group.dispose();
  const alone = [0, 1].map((model) => lossByHand(lambdas.slice(model * CLASSES, (model + 1) * CLASSES)));
  expect(losses).toHaveLength(2);
  losses.forEach((loss, i) => expect(Math.abs(loss / alone[i]! - 1)).toBeLessThan(1e-4));
});
