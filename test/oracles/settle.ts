import { defaultDevice, init } from "@jax-js/jax";

import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import type { Engine, Session } from "../../src/engine/engine.ts";
import type { Task } from "../../src/problem/problem.ts";
import { drawNoise, drawPerturbation } from "../../src/tuners/noise.ts";
import type { TunerPrograms } from "../../src/tuners/evaluate.ts";
import type { Host } from "../../src/tuners/host.ts";
import { endlessRun, type PreparedTuner, type Tuner } from "../../src/tuners/tuner.ts";
import type { LinearData } from "../../src/problem/ridge.ts";
import type { HostArray, HostArrays, HostTree } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";

/** jax-js on WebAssembly, for closed forms that use its linear algebra. */
export async function ready(): Promise<void> {
  await init("wasm");
  defaultDevice("wasm");
}

/** What a run on whole data sets is given from outside; what is left out is drawn from seed 0. */
export interface Inputs {
  /** Of training steps. */
  readonly perturbation?: (step: number) => HostArray;
  /** Of hyperparameter steps. */
  readonly validPerturbation?: (index: number) => HostArray;
  readonly noise?: (step: number) => HostArrays;
  /** Default: the tuner's own initial state. */
  readonly start?: Record<string, HostTree>;
  /** Default: the native engine. */
  readonly engine?: Engine;
}

/** Trains in float64 on the whole training set, without hyperparameter steps, and returns the state. */
export const settle = (
  task: Task,
  tuner: Tuner,
  options: Inputs & { steps: number },
): Promise<Record<string, HostTree>> => advanced(task, tuner, options, Infinity);

/** Runs whole training steps with their hyperparameter steps, on full batches, and returns the final state. */
export const tuneFully = (
  task: Task,
  tuner: Tuner,
  options: Inputs & { steps: number },
): Promise<Record<string, HostTree>> => advanced(task, tuner, options, 1);

const advanced = (
  task: Task,
  tuner: Tuner,
  options: Inputs & { steps: number },
  stepsPerEpoch: number,
): Promise<Record<string, HostTree>> =>
  inSession(task, tuner, options, async ({ prepared, session, host }) => {
    const paced = { ...host, stepsPerEpoch };
    for (let step = 0; step < options.steps; step++) await prepared.advance(paced, step);
    return session.read();
  });

/** Opens a session of a tuner's programs in float64, works in it on full batches and closes it. */
export async function inSession<T>(
  task: Task,
  tuner: Tuner,
  inputs: Inputs,
  work: (at: { prepared: PreparedTuner; session: Session<TunerPrograms>; host: Host }) => Promise<T>,
): Promise<T> {
  const prepared = tuner.prepare(task, 0, endlessRun);
  const engine = inputs.engine ?? (await onnxEngine());
  const session = engine.open(prepared.programs, inputs.start ?? prepared.state, "float64");
  try {
    return await work({ prepared, session, host: wholeSets(task, session, inputs) });
  } finally {
    session.dispose();
  }
}

function wholeSets({ problem, data }: Task, session: Session<TunerPrograms>, inputs: Inputs): Host {
  const { train, valid } = data;
  const given = { train: inputs.perturbation, valid: inputs.validPerturbation };
  const drawn = (stream: "train" | "valid", index: number): HostArray =>
    drawPerturbation(problem.space, 0, stream, index, stream === "train" ? train.rows : valid.rows);
  return {
    stepsPerEpoch: 1,
    run: (program, values) => session.run(program, values),
    trainInputs: (step) => ({
      batch: train.fields,
      noise: inputs.noise?.(step) ?? drawNoise(problem.noise, 0, step, train.rows),
    }),
    validBatch: () => valid.fields,
    perturbation: (stream, index) => given[stream]?.(index) ?? drawn(stream, index),
  };
}

/** A small regression problem whose columns and targets have mean 0, so that the intercept plays no part. */
export function linearData(
  seed: number,
  rows: number,
  features: number,
  truth: readonly number[],
  noise: number,
): LinearData {
  const key = randomKey(seed, "linear data");
  const draws = randomNormal(key, 0, rows * features);
  const columns = Array.from({ length: features }, (_, j) =>
    centered(Array.from({ length: rows }, (_, i) => draws[i * features + j] as number)),
  );
  const errors = randomNormal(key, 1, rows);
  const y = centered(
    Array.from({ length: rows }, (_, i) =>
      columns.reduce(
        (sum, column, j) => sum + (column[i] as number) * (truth[j] as number),
        noise * (errors[i] as number),
      ),
    ),
  );
  return { x: Array.from({ length: rows }, (_, i) => columns.map((column) => column[i] as number)), y };
}

/** Values minus their mean. */
export const centered = (values: readonly number[]): number[] => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return values.map((v) => v - mean);
};

/** The leaf at a dotted path of a state. */
export function leaf(state: HostTree, path: string): number[] {
  const found = path
    .split(".")
    .reduce<HostTree>((tree, name) => (tree as Record<string, HostTree>)[name] as HostTree, state);
  return Array.from((found as HostArray).data);
}
