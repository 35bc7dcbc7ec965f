import { beforeAll, expect, test } from "vitest";

import { bestOf, crossValidation } from "../../reproductions/hyper-training-2018/cross-validation.ts";
import { elementary, WEIGHTS } from "../../reproductions/hyper-training-2018/elementary.ts";
import { drawnWeights } from "../../reproductions/hyper-training-2018/few-images.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import { flattened } from "../../src/util/host-array.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { createRun } from "../../src/tuners/run.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { randomKey, randomNormal, randomUniform } from "../../src/util/random.ts";

let engine: Engine;
beforeAll(async () => void (engine = await jaxEngine()));

const images = (name: string, rows: number): Dataset => ({
  rows,
  fields: {
    x: new HostArray(randomUniform(randomKey(0, name), 0, rows * 784), [rows, 784]),
    y: new HostArray(randomNormal(randomKey(0, name), 1, rows * 10), [rows, 10]),
  },
});

test("models trained together end where the tuner fixed brings each alone", async () => {
  const data = { train: images("train", 4), valid: images("valid", 6), test: images("test", 5) };
  const start = drawnWeights(7, 0.01);
  expect(flattened(start)).toHaveLength(WEIGHTS);
  const [steps, learningRate] = [8, 1e-3];
  const options = { start, learningRate, steps, signal: new AbortController().signal };
  const lambdas = [-1, 0.5, 2];
  const problem = elementary("authors-code", 0);
  const together = await crossValidation({ problem, data }, engine, lambdas, options);

  for (const [i, lambda] of lambdas.entries()) {
    const alone = { ...elementary("authors-code", lambda), init: () => start };
    const tuner = fixed({ optimizer: adam(), learningRate });
    const run = createRun(
      { problem: alone, data },
      tuner,
      engine,
      { epochs: steps, batchSize: 4 },
      { clock: performance },
    );
    for await (const event of run.events()) {
      if (event.kind !== "end") continue;
      expect(together[i]?.valid).toBeCloseTo(event.final.valid.loss, 4);
      expect(together[i]?.test).toBeCloseTo(event.final.test?.loss as number, 4);
    }
    run.dispose();
  }
  expect(bestOf(together).valid).toBe(Math.min(...together.map(({ valid }) => valid)));
  expect(new Set(together.map(({ valid }) => valid.toFixed(3))).size).toBe(3);
});
