import type { SupervisedData } from "../../data/supervised-data.ts";
import { mlp } from "../../nn/mlp.ts";
import type { Task } from "../../problem/problem.ts";
import { supervised } from "../../problem/supervised.ts";
import { real } from "../../space/real.ts";
import type { Tuner } from "../../tuners/tuner.ts";
import { HostArray } from "../../util/host-array.ts";
import { randomBits, randomKey, randomUniform } from "../../util/random.ts";
import { parseConfig, type ConfigInput } from "../config.ts";
import { tunerOf } from "../registry/tuners.ts";
import type { BenchMethod } from "./bench-methods.ts";
import { operationsOf } from "./operations.ts";
import type { BenchWork } from "./bench-work.ts";

/** How large the network and its data are. */
export interface WorkloadSize {
  /** Units of every layer, the input's first. */
  readonly sizes: readonly number[];
  /** Examples of a training minibatch, and of a validation minibatch. */
  readonly batch: number;
  readonly trainRows: number;
  /** Only evaluated once, before the first step. */
  readonly validRows: number;
}

/** The papers' network for MNIST and its 51,000 training examples, 160 MB: minibatches are gathered from far apart, as in a run. */
export const mnistSize: WorkloadSize = {
  sizes: [784, 1200, 1200, 10],
  batch: 128,
  trainRows: 51_000,
  validRows: 512,
};

/** The steps of a method on a network of a size. */
export const stepWork = (method: BenchMethod, size: WorkloadSize): BenchWork => ({
  method,
  sizes: size.sizes,
  batch: size.batch,
  operations: operationsOf(method, size.sizes, size.batch),
  task: workload(size),
  tuner: (warmupEpochs) => benchTuner(method, warmupEpochs),
  peer: {
    script: "self_tuning.py",
    args: ["--method", method, "--sizes", ...size.sizes.map(String), "--batch", String(size.batch)],
  },
});

/** The network of a size on random data, with a dropout rate for the input and each hidden layer. */
function workload({ sizes, trainRows, validRows }: WorkloadSize): Task {
  const [inputs, ...units] = sizes as readonly [number, ...number[]];
  const outputs = units.at(-1) as number;
  const network = mlp({ inputs, hidden: units.slice(0, -1), outputs });
  const rate = real(0.05, { low: 0, high: 0.95 });
  const hypers = Object.fromEntries(network.places.map(({ name }) => [`dropout.${name}`, rate]));
  const data: SupervisedData = {
    name: "random data",
    splits: {
      train: randomExamples("train", trainRows, inputs, outputs),
      valid: randomExamples("valid", validRows, inputs, outputs),
    },
    task: "classification",
    inputShape: [inputs],
    outputs,
    warnings: [],
  };
  return supervised({ data, network, hypers });
}

/** The method with the papers' settings, each training step followed by a hyperparameter step once `warmupEpochs` are over. */
export const benchTuner = (method: BenchMethod, warmupEpochs: number): Promise<Tuner> =>
  tunerOf(parseConfig({ ...settings[method], warmupEpochs, trainSteps: 1 }, String), STEPS_PER_EPOCH);

/** Of use to schedules alone, and the learning rates here are constant. */
const STEPS_PER_EPOCH = 1;

const common = { lr: 0.01, momentum: 0.9 } satisfies ConfigInput;

const tuning = {
  ...common,
  hyperLr: 0.01,
  hyperOptimizer: "rmsprop",
  scaleLr: 0.01,
  entropyWeight: 1e-3,
  responseOptimizer: "sgd",
  responseLr: 0.01,
} satisfies ConfigInput;

const settings: Readonly<Record<BenchMethod, ConfigInput>> = {
  "delta-stn": { ...tuning, method: "delta-stn" },
  stn: { ...tuning, method: "stn", stnInput: "absolute" },
  plain: { ...common, method: "fixed" },
};

/** Inputs of mean 0 and variance 1, and labels that mean nothing. */
export function randomExamples(part: string, rows: number, inputs: number, classes: number) {
  const x = new Float32Array(rows * inputs);
  for (let from = 0; from < rows; from += CHUNK) {
    const count = Math.min(CHUNK, rows - from) * inputs;
    const chunk = randomUniform(randomKey(0, `${part} inputs`), from, count);
    x.set(
      chunk.map((u) => (u - 0.5) * Math.sqrt(12)),
      from * inputs,
    );
  }
  const y = Int32Array.from(randomBits(randomKey(0, `${part} labels`), 0, rows), (bits) => bits % classes);
  return { rows, fields: { x: new HostArray(x, [rows, inputs]), y: new HostArray(y, [rows]) } };
}

/** Rows that are drawn at once, so that the draws do not show in the peak memory. */
const CHUNK = 256;
