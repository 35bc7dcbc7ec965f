import { beforeAll, describe, expect, test } from "vitest";

import { parseConfig, type ConfigInput } from "../../src/cli/config/config.ts";
import { tunerOf } from "../../src/cli/registry/tuners.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { weakSignal } from "../../src/testing/weak-signal.ts";
import { createRun } from "../../src/tuners/run.ts";
import { ready } from "./settle.ts";

beforeAll(ready);

/** How far above the optimum the validation loss lies at the weight decay where 3,000 steps with the command line's defaults end. */
async function excess(config: ConfigInput): Promise<number> {
  const { task, validLossAt, optimum } = weakSignal({ seed: 2 });
  const tuner = await tunerOf(
    { ...parseConfig({ ...config, warmupEpochs: 600 }, String), batchSize: 128 },
    1,
  ); // of one step each
  const options = { epochs: 3000, batchSize: 60, validBatchSize: 512, evaluateEvery: 3000 };
  const run = createRun(task, tuner, await onnxEngine({ threads: 1 }), options, { clock: performance });
  let l2 = NaN;
  for await (const event of run.events()) {
    if (event.kind === "end") l2 = event.final.hyperparameters.l2?.value as number;
  }
  run.dispose();
  return validLossAt(l2) / optimum.loss - 1;
}

describe.each(["factored", "dense"] as const)("a weight decay of 60 noisy rows, response %s", (response) => {
  test.each(["delta-stn", "centered-stn"] as const)(
    "ends within half a percent of the closed form's optimum, %s",
    async (method) => {
      expect(await excess({ method, response })).toBeLessThan(0.005);
    },
  );
});
