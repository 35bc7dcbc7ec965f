import { beforeAll, describe, expect, test } from "vitest";

import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import { dense } from "../../src/response/dense.ts";
import { factored } from "../../src/response/factored.ts";
import type { Response } from "../../src/response/response.ts";
import { weakSignal } from "../../src/testing/weak-signal.ts";
import type { Perturbations } from "../../src/tuners/antithetic.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { createRun } from "../../src/tuners/run.ts";
import { ready } from "./settle.ts";

beforeAll(ready);

/** How far above the optimum the validation loss lies at the weight decay where 3,000 steps end, as a share. */
async function excess(response: Response, perturbations: Perturbations): Promise<number> {
  const { task, validLossAt, optimum } = weakSignal({ seed: 1 });
  const tuner = deltaStn({
    response,
    perturbations,
    responseOptimizer: adam(),
    responseLearningRate: 0.003,
    hyperLearningRate: 0.01,
    trainSteps: 2,
    warmupEpochs: 600, // of one step each
  });
  const options = { epochs: 3000, batchSize: 60, validBatchSize: 512, evaluateEvery: 3000 };
  const run = createRun(task, tuner, await onnxEngine({ threads: 1 }), options, { clock: performance });
  let l2 = NaN;
  for await (const event of run.events()) {
    if (event.kind === "end") l2 = event.final.hyperparameters.l2?.value as number;
  }
  run.dispose();
  return validLossAt(l2) / optimum.loss - 1;
}

describe.each([
  ["factored", factored],
  ["dense", dense],
])("a weight decay of 60 noisy rows, response %s", (_, response) => {
  test("ends within half a percent of the closed form's optimum by antithetic pairs", async () => {
    expect(await excess(response, "paired")).toBeLessThan(0.005);
  });
});
