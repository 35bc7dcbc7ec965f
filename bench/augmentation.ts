/**
 * What the views of augmented images cost a training step: processor time of whole Delta-STN steps with the strengths that a named network tunes, beside
 * that without, on made-up images.
 *
 *     node bench/augmentation.ts [--networks simple-cnn,alexnet] [--width 1] [--steps 8]
 */
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";

import { onnxEngine } from "../src/engine/onnx/engine.ts";
import { imageData } from "../src/data/image-data.ts";
import { parseConfig } from "../src/cli/config/config.ts";
import { hypersOf } from "../src/cli/config/hypers.ts";
import { hypersFor } from "../src/cli/registry/networks.ts";
import { alexnet } from "../src/nn/networks/alexnet.ts";
import { simpleCnn } from "../src/nn/networks/simple-cnn.ts";
import { supervised } from "../src/problem/supervised.ts";
import { deltaStn } from "../src/tuners/delta-stn.ts";
import { createRun } from "../src/tuners/run.ts";
import { randomBytes } from "./random-bytes.ts";

const { values: args } = parseArgs({
  options: {
    networks: { type: "string", default: "simple-cnn,alexnet" },
    width: { type: "string", default: "1" },
    steps: { type: "string", default: "8" },
  },
});

const ROWS = 512;
const WARM = 4; // steps before the clock: they compile both programs
const subjects = {
  "simple-cnn": { make: simpleCnn, data: "fashion-mnist", image: [1, 28, 28] },
  alexnet: { make: alexnet, data: "cifar10", image: [3, 32, 32] },
} as const;

const engine = await onnxEngine({ threads: 1 });
console.log("network      strengths   processor ms a step   wall ms a step   main thread busy, share");
for (const name of args.networks.split(",") as (keyof typeof subjects)[]) {
  const { make, data: set, image } = subjects[name];
  const classes = Array.from({ length: 10 }, (_, i) => String(i));
  const part = (rows: number, seed: number) => ({
    rows,
    pixels: randomBytes(seed, rows * image.reduce<number>((a, b) => a * b, 1)),
    labels: randomBytes(seed + 1, rows).map((byte) => byte % 10),
  });
  const data = imageData({
    name: set,
    classes,
    image,
    train: part(ROWS, 1),
    valid: part(128, 3),
    test: part(128, 5),
  });
  const network = make({ input: image, outputs: 10, width: Number(args.width) });
  const configs = hypersFor(parseConfig({ data: set, model: name }, (field) => field)) ?? {};
  const plain = Object.fromEntries(Object.entries(configs).filter(([hyper]) => hyper.startsWith("dropout")));
  const measured = [];
  for (const [what, hypers] of Object.entries({ none: plain, tuned: configs })) {
    const task = supervised({ data, network, hypers: hypersOf(network, hypers) });
    const tuner = deltaStn({ perturbations: "paired", trainSteps: 2, warmupEpochs: 0 });
    const steps = WARM + Number(args.steps);
    const options = { epochs: steps / 4, batchSize: 128, evaluateEvery: 1000, seed: 1 };
    const run = createRun(task, tuner, engine, options, { clock: performance });
    let [cpu, wall, busy] = [process.cpuUsage(), performance.now(), performance.eventLoopUtilization()];
    for await (const event of run.events()) {
      if (event.kind !== "step") continue;
      if (event.step === WARM)
        [cpu, wall, busy] = [process.cpuUsage(), performance.now(), performance.eventLoopUtilization()];
      if (event.step === steps) {
        const { user, system } = process.cpuUsage(cpu);
        const each = { cpu: (user + system) / 1000, wall: performance.now() - wall };
        const share = performance.eventLoopUtilization(busy).utilization;
        measured.push(each.cpu);
        const shown = [each.cpu, each.wall].map((ms) => (ms / Number(args.steps)).toFixed(1));
        console.log(
          `${name.padEnd(12)} ${what.padEnd(11)} ${shown[0]?.padEnd(21)} ${shown[1]?.padEnd(16)} ${share.toFixed(3)}`,
        );
      }
    }
    run.dispose();
  }
  console.log(
    `${name.padEnd(12)} processor time with strengths / without: ${((measured[1] ?? NaN) / (measured[0] ?? NaN)).toFixed(3)}`,
  );
}
