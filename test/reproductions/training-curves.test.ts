import { beforeAll, describe, expect, test } from "vitest";

import {
  linearWithPenalties,
  searchedPenalties,
} from "../../reproductions/hyper-training-2018/linear-penalties.ts";
import {
  searchCurve,
  trainingCurve,
  unrolledCurve,
  type Point,
} from "../../reproductions/hyper-training-2018/training-curves.ts";
import type { Setting } from "../../reproductions/reproduction.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import type { Sampler } from "../../src/search/sampler.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { randomKey, randomNormal, randomUniform } from "../../src/util/random.ts";

let setting: Setting;
beforeAll(async () => {
  const engine = await jaxEngine();
  const signal = new AbortController().signal;
  setting = { scale: "quick", dataDir: "", engine, seed: 3, note: () => {}, signal };
});

/** Images of noise, with targets that only some of their pixels tell, so that every training overfits. */
const images = (name: string, rows: number): Dataset => {
  const x = randomUniform(randomKey(0, name), 0, rows * 784);
  const noise = randomNormal(randomKey(0, name), 1, rows * 10);
  const y = noise.map((z, i) => 0.1 * z + (x[Math.floor(i / 10) * 784 + (i % 10)] as number));
  return { rows, fields: { x: new HostArray(x, [rows, 784]), y: new HostArray(y, [rows, 10]) } };
};
const data = { train: images("train", 8), valid: images("valid", 16), test: images("test", 12) };
const taskOf = (start: number) => ({ problem: linearWithPenalties("class", start), data });

const STEPS = 6;
const learningRate = 3e-3;
const plain = fixed({ optimizer: adam(), learningRate });
const once = { budget: { seconds: Infinity, steps: STEPS }, batchSize: 4, evaluateEvery: STEPS };
const trained = async (start: number) =>
  (await trainingCurve(setting, taskOf(start), plain, once)).at(-1) as Point;
const lossesOf = ({ valid, test }: Point) => [valid, test];

describe("a training run", () => {
  test("has a point every so many steps and ends with its budget", async () => {
    const options = { ...once, evaluateEvery: 3 };
    const points = await trainingCurve(setting, taskOf(-4), plain, options);
    expect(points.map(({ step }) => step)).toEqual([3, 6]);
    expect(points.map(({ mean, spread }) => [mean, spread])).toEqual(
      Array(2).fill([expect.closeTo(-4, 5), 0]),
    );
    expect(points.every(({ seconds }, i) => seconds > (points[i - 1]?.seconds ?? 0))).toBe(true);
  });

  test("ends after the first point where its seconds are spent", async () => {
    const budget = { seconds: 0, steps: 100 };
    expect(
      await trainingCurve(setting, taskOf(-4), plain, { ...once, budget, evaluateEvery: 1 }),
    ).toHaveLength(1);
  });
});

test("every trial of a search trains from the same start at its own penalties, and the best so far stays", async () => {
  const tried = [-1, -6, 1, -3];
  const sampler: Sampler = {
    name: "listed",
    suggest: ({ number }) => ({ l2: Array<number>(10).fill(Math.exp(tried[number] as number)) }),
  };
  const how = { sampler, trialSteps: STEPS, space: searchedPenalties("class", -8, 2) };
  const budget = { seconds: Infinity, steps: tried.length * STEPS };
  const points = await searchCurve(setting, taskOf(0), plain, how, { budget, batchSize: 4 });

  const alone: Point[] = [];
  for (const start of tried) alone.push(await trained(start));
  const best = alone.map((_, i) =>
    alone.slice(0, i + 1).reduce((least, point) => (point.valid < least.valid ? point : least)),
  );
  expect(new Set(alone.map(({ valid }) => valid.toFixed(5))).size).toBe(tried.length);
  expect(new Set(best).size).toBeGreaterThan(1);
  points.forEach((point, i) => {
    lossesOf(point).forEach((loss, part) => expect(loss).toBeCloseTo(lossesOf(best[i] as Point)[part]!, 4));
    expect(point.step).toBe(STEPS * (i + 1));
  });
  expect(points).toHaveLength(tried.length);
});

describe("unrolled differentiation", () => {
  const options = { steps: STEPS, batchSize: 4, learningRate, evaluationBatchSize: 16, seed: 3 };
  const unrolled = (hyperLearningRate: number, trainings: number) =>
    unrolledCurve(
      setting,
      taskOf(-1),
      { ...options, hyperLearningRate },
      {
        ...{ seconds: Infinity, steps: trainings * STEPS },
      },
    );

  test("trains anew every time, as plain training does", async () => {
    const points = await unrolled(0, 3);
    expect(points.map(({ step }) => step)).toEqual([6, 12, 18]);
    for (const point of points) expect(lossesOf(point)).toEqual(lossesOf(points[0] as Point));
    const alone = lossesOf(await trained(-1));
    lossesOf(points[0] as Point).forEach((loss, part) => expect(loss).toBeCloseTo(alone[part]!, 4));
  });

  test("lowers the validation loss with every step of λ", async () => {
    const losses = (await unrolled(0.1, 4)).map(({ valid }) => valid);
    losses.slice(1).forEach((loss, i) => expect(loss).toBeLessThan(losses[i]!));
  });
});
