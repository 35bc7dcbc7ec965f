/**
 * Shows the resident memory of a long run of Delta-STN: a line every 1,000 steps, 10,000 steps in all. It should stay flat after
 * the first line. Run it with `node scripts/memory.ts`.
 */
import { onnxEngine } from "../src/engine/onnx/engine.ts";
import { smallTask } from "../src/testing/small-task.ts";
import { deltaStn } from "../src/tuners/delta-stn.ts";
import { createRun } from "../src/tuners/run.ts";

const STEPS = 10_000;
const EVERY = 1000;
const STEPS_PER_EPOCH = 4;

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const run = createRun(
  smallTask(),
  deltaStn({ warmupEpochs: 1, learningRate: 0.01 }),
  await onnxEngine(),
  { epochs: STEPS / STEPS_PER_EPOCH, batchSize: 6 },
  { clock: performance },
);
for await (const event of run.events()) {
  if (event.kind !== "step" || event.step % EVERY !== 0) continue;
  const { rss, heapUsed } = process.memoryUsage();
  console.log(`step ${event.step}: ${mebibytes(rss)} resident, ${mebibytes(heapUsed)} JavaScript heap`);
}
run.dispose();
