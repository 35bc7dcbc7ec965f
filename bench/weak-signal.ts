/**
 * Where 3,000 steps leave a weight decay whose signal is weak, by how the response's perturbations are drawn and what moves the
 * hyperparameters: linear regression on 60 noisy rows, from a decay of 0.001. Prints a table of the validation loss above the closed
 * form's optimum, in percent, at the end and at the worst of nine points of the last 800 steps; writes JSON.
 *
 *     node bench/weak-signal.ts [--data N] [--out FILE.json]
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { onnxEngine } from "../src/engine/onnx/engine.ts";
import { adam } from "../src/nn/optim/adam.ts";
import { rmsprop } from "../src/nn/optim/rmsprop.ts";
import { dense } from "../src/response/dense.ts";
import { factored } from "../src/response/factored.ts";
import { weakSignal } from "../src/testing/weak-signal.ts";
import { deltaStn } from "../src/tuners/delta-stn.ts";
import { createRun } from "../src/tuners/run.ts";

const STEPS = 3000; // of one minibatch with all rows
const SETTLED = 2200; // from here on the worst counts
const EVERY = 100;
const HYPER_STEPS = {
  "RMSprop, .005": { hyperOptimizer: rmsprop(), hyperLearningRate: 0.005 },
  "RMSprop, .01": { hyperOptimizer: rmsprop(), hyperLearningRate: 0.01 },
  "Adam, .01": { hyperOptimizer: adam(), hyperLearningRate: 0.01 },
  "Adam, .01, β1 .99": { hyperOptimizer: adam({ beta1: 0.99 }), hyperLearningRate: 0.01 },
};
const RESPONSES = { factored, dense };
const PERTURBATIONS = ["independent", "paired"] as const;

const { values } = parseArgs({ options: { data: { type: "string" }, out: { type: "string" } } });
const seeds = Array.from({ length: Number(values.data ?? 5) }, (_, i) => i + 1);
const engine = await onnxEngine({ threads: 1 });

async function run(seed: number, tuner: ReturnType<typeof deltaStn>) {
  const { task, validLossAt, optimum } = weakSignal({ seed });
  const options = { epochs: STEPS, batchSize: 60, validBatchSize: 512, evaluateEvery: EVERY, seed };
  const training = createRun(task, tuner, engine, options, { clock: performance });
  let l2 = NaN;
  let worst = 0;
  const excess = () => 100 * (validLossAt(l2) / optimum.loss - 1);
  for await (const event of training.events()) {
    if (event.kind !== "epoch") continue;
    l2 = event.trace.hyperparameters.l2?.value as number;
    if (event.trace.step >= SETTLED) worst = Math.max(worst, excess());
  }
  training.dispose();
  return { seed, l2, best: optimum.l2, excess: excess(), worst };
}

process.stdout.write(
  `| response | hyperparameter steps | perturbations | ${seeds.map((s) => `data ${s}`).join(" | ")} |\n|${"---|".repeat(3 + seeds.length)}\n`,
);
const rows = [];
for (const [name, response] of Object.entries(RESPONSES)) {
  for (const [steps, hyperSteps] of Object.entries(HYPER_STEPS)) {
    for (const perturbations of PERTURBATIONS) {
      const tuner = deltaStn({
        ...{ response, perturbations, ...hyperSteps },
        ...{ responseOptimizer: adam(), responseLearningRate: 0.003 }, // the command line's
        ...{ trainSteps: 2, warmupEpochs: STEPS / 5 },
      });
      const runs = [];
      for (const seed of seeds) runs.push(await run(seed, tuner));
      rows.push({ response: name, hyperSteps: steps, perturbations, runs });
      const shown = runs.map((r) => `${r.excess.toFixed(2)}, ${r.worst.toFixed(2)}`);
      process.stdout.write(`| ${name} | ${steps} | ${perturbations} | ${shown.join(" | ")} |\n`);
    }
  }
}
if (values.out) writeFileSync(values.out, `${JSON.stringify({ steps: STEPS, rows }, null, 2)}\n`);
process.exit(0); // the engine's thread waits for more
