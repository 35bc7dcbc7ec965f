/**
 * The memory that a run of a network by name holds at most: its first steps, for Delta-STN each with a hyperparameter step, and then an evaluation. Random
 * images take 49 MiB of it.
 *
 *     node bench/network-memory.ts [simple-cnn|alexnet|vgg16|resnet18] [delta-stn|stn|plain] [--steps 3] [--threads 1]
 */
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";

import type { BenchMethod } from "../src/cli/bench/bench-methods.ts";
import { benchTuning } from "../src/cli/bench/bench-tuning.ts";
import { networkWork } from "../src/cli/bench/network-work.ts";
import { onnxEngine } from "../src/engine/onnx/engine.ts";
import { createRun } from "../src/tuners/run.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: "string", default: "3" }, threads: { type: "string", default: "1" } },
});
const [network = "alexnet", method = "delta-stn"] = positionals;
const steps = Number(values.steps);

const work = networkWork(benchTuning(method as BenchMethod), network as Parameters<typeof networkWork>[1]);
const engine = await onnxEngine({ threads: Number(values.threads) });
const options = { epochs: steps * work.batch, batchSize: work.batch, evaluateEvery: steps };
const run = createRun(work.task, await work.tuner(0), engine, options, { clock: performance });
const peak = () => Math.round(process.resourceUsage().maxRSS / 1024);
for await (const { kind } of run.events()) {
  if (kind === "start") console.log(`prepared: ${peak()} MiB`);
  if (kind === "step") console.log(`a step: ${peak()} MiB`);
  if (kind !== "epoch") continue;
  console.log(`an evaluation, with a copy of the best weights: ${peak()} MiB`);
  break;
}
run.dispose();
