import type { SupervisedData } from "../../data/supervised-data.ts";
import { mlp } from "../../nn/mlp.ts";
import type { Task } from "../../problem/problem.ts";
import { HostArray } from "../../util/host-array.ts";
import { randomBits, randomKey, randomUniform } from "../../util/random.ts";
import { benchTask, benchTuner, responseShare, type BenchTuning } from "./bench-tuning.ts";
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
export const stepWork = (tuning: BenchTuning, size: WorkloadSize): BenchWork => ({
  method: tuning.method,
  sizes: size.sizes,
  batch: size.batch,
  operations: operationsOf(tuning.method, size.sizes, size.batch, responseShare(tuning)),
  task: workload(tuning, size),
  tuner: (warmupEpochs) => benchTuner(tuning, warmupEpochs),
  peer: {
    script: "self_tuning.py",
    args: ["--method", tuning.method, "--sizes", ...size.sizes.map(String), "--batch", String(size.batch)],
    threadFlags: ["--torch-threads", "--blas-threads"],
  },
});

/** The network of a size on random data. */
function workload(tuning: BenchTuning, { sizes, trainRows, validRows }: WorkloadSize): Task {
  const [inputs, ...units] = sizes as readonly [number, ...number[]];
  const outputs = units.at(-1) as number;
  const network = mlp({ inputs, hidden: units.slice(0, -1), outputs });
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
  return benchTask(tuning, { data, network });
}

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
