import type { Engine } from "../engine/engine.ts";
import type { Config } from "./config.ts";
import { loadTask, openEngine, type LoadOptions, type NamedTask } from "./registry.ts";

/** A configuration with all that its names stand for. */
export interface Job {
  readonly config: Config;
  readonly named: NamedTask;
  readonly engine: Engine;
}

/** How to load a job. */
export interface JobOptions extends LoadOptions {
  /** Told in one sentence why the native engine does not start, where another takes its place. */
  readonly onFallback?: (why: string) => void;
}

/** Loads the data, and the engine beside it, and settles how long the run is and which engine goes on with it. */
export async function loadJob(config: Config, options: JobOptions): Promise<Job> {
  const [named, engine] = await Promise.all([
    loadTask(config, options),
    openEngine(config, options.onFallback),
  ]);
  const settled = withLength(config, stepsPerEpochOf(config, named));
  return { config: { ...settled, engine: engine.name as Config["engine"] }, named, engine };
}

/** Training steps of one pass over the data. */
export const stepsPerEpochOf = ({ batchSize }: Config, { task }: NamedTask): number =>
  Math.ceil(task.data.train.rows / Math.min(batchSize, task.data.train.rows));

/** The least number of steps of a run that says nothing of its length: less than a minute for small networks. */
const DEFAULT_STEPS = 2250;

/** The warm-up of a run that only time limits, in epochs. */
const SHORT_WARMUP = 5;

/** With its length and its warm-up, a fifth of it: settled once, so that more epochs later do not move the warm-up. */
function withLength(config: Config, stepsPerEpoch: number): Config {
  const unlimited = config.epochs === undefined && config.time === undefined;
  const epochs = unlimited ? Math.ceil(DEFAULT_STEPS / stepsPerEpoch) : config.epochs;
  const share = config.method === "hyper-training-global" ? 4 / 5 : 1 / 5;
  const warmupEpochs =
    config.warmupEpochs ?? (epochs === undefined ? SHORT_WARMUP : Math.floor(epochs * share));
  return { ...config, ...(epochs !== undefined && { epochs }), warmupEpochs };
}
