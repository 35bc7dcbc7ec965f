import type { Warning } from "../../api/warning.ts";
import type { Engine } from "../../engine/engine.ts";
import { warningsOn } from "../../report/warnings.ts";
import { batchSizeOf, sizedConfig } from "../config/batch-size.ts";
import type { Config, SizedConfig } from "../config/config.ts";
import { usualGuard } from "../../tuners/guard.ts";
import { LEAST_EVALUATIONS } from "../../tuners/restart.ts";
import { epochSteps } from "../../tuners/run-options.ts";
import { inputError } from "../../util/error.ts";
import { warmupEpochsOf } from "../../methods/warmup.ts";
import { USUAL_CANDIDATES } from "../../methods/smash.ts";
import { usualWarmup } from "../../methods/groups.ts";
import { isSearch, followsGradient, methodOf } from "../../methods/lookup.ts";
import { loadTask, type NamedTask } from "../registry/tasks.ts";
import { openEngine } from "../registry/engines.ts";
import type { LoadOptions } from "../data-sets/data-set-by-name.ts";

/** A configuration with all that its names stand for. */
export interface Job {
  readonly config: SizedConfig;
  readonly named: NamedTask;
  readonly engine: Engine;
  /** The share of a run's time after which its warm-up ends at the latest, where nobody said how long that is to be. */
  readonly warmupShare?: number;
  /** Which method `auto` is here and why, in one sentence, where a user named that. */
  readonly auto?: string;
}

/** A configuration, of a job or of a comparison, with what its names stand for. */
export type LoadedConfig = Pick<Job, "named"> & { readonly config: Config };

/** How to load a job. */
export interface JobOptions extends LoadOptions {
  /** Told in one sentence why the native engine does not start, where another takes its place. */
  readonly onFallback?: (why: string) => void;
  readonly auto?: Job["auto"] | undefined;
  /** Its task, where that is loaded already. */
  readonly named?: NamedTask | undefined;
}

/** Loads the data, and the engine beside it, and settles how long the run is and which engine goes on with it. */
export async function loadJob(config: Config, options: JobOptions): Promise<Job> {
  const [named, engine] = await Promise.all([
    options.named ?? loadTask(config, options),
    openEngine(config, options.onFallback),
  ]);
  const settled = settledConfig(config, named);
  const { auto } = options;
  const warmupShare = warmupShareOf(config);
  return {
    config: { ...settled, engine: engine.name as Config["engine"] },
    named: { ...named, warnings: warningsOf(settled, named) },
    engine,
    ...(warmupShare !== undefined && { warmupShare }),
    ...(auto !== undefined && { auto }),
  };
}

/** With the size of a minibatch, how long the run is, what is kept from the tuner, and the size of images. @throws {HypertrainError} for a guard where nothing is tuned along gradients. */
export const settledConfig = (config: Config, named: NamedTask): SizedConfig => ({
  ...sizedConfig(withLength(config, stepsPerEpochOf(config, named)), named.task.data.train.rows),
  ...guardFor(config, named),
  ...imageSizeOf(named),
});

/** The size of images where it was chosen, so that it does not follow from what the folder holds later. */
function imageSizeOf({ supervised }: NamedTask): Pick<Config, "imageSize"> {
  const { shape: [, side] = [], chosen } = supervised?.data.images ?? {};
  return chosen === undefined || side === undefined ? {} : { imageSize: side };
}

/** The share of the validation rows to keep from the tuner. */
function guardFor({ guard, method }: Config, { task }: NamedTask): Pick<Config, "guard"> {
  if (!followsGradient(method)) {
    if (guard === undefined) return {};
    throw inputError(
      `--guard must be left out for ${method}, which does not tune along gradients of the validation loss, but got ${guard}`,
    );
  }
  return { guard: guard ?? usualGuard(task) };
}

/** The share of a run's time after which its method's warm-up ends at the latest; nothing where a user said how long that is to be, or the method has none. */
export const warmupShareOf = ({
  method,
  warmupEpochs,
}: Pick<Config, "method" | "warmupEpochs">): number | undefined =>
  warmupEpochs === undefined ? methodOf(method).warmup?.share : undefined;

/** What people should know of a task, and of what the settled configuration asks of it. */
export const warningsOf = (settled: Config, { warnings }: NamedTask): readonly Warning[] => [
  ...warnings,
  ...warningsOn("options", [...guardOfFolds(settled), ...restartOfFew(settled)]),
];

/** What a guard means where its rows train as well. */
const guardOfFolds = ({ folds, guard = 0 }: Pick<Config, "folds" | "guard">): string[] =>
  folds === undefined || guard === 0
    ? []
    : [
        `the guard, ${guard} of all rows, is kept from hyperparameter steps, but with --folds its rows train the networks of the other folds: what is gained on it may be told too high, and no row of the test part has that fault`,
      ];

/** What a restart means that was asked for, where a run has too few evaluations for one. */
const restartOfFew = ({ restart, epochs, evaluateEvery }: Config): string[] => {
  const evaluations = Math.floor((epochs ?? Infinity) / evaluateEvery);
  return restart !== "auto" || evaluations >= LEAST_EVALUATIONS
    ? []
    : [
        `--restart auto begins no training anew in a run of fewer than ${LEAST_EVALUATIONS} evaluations, but this one has ${evaluations}; give it --epochs ${LEAST_EVALUATIONS * evaluateEvery} or more`,
      ];
};

/** Training steps of one pass over the data. */
export const stepsPerEpochOf = (config: Config, { task }: NamedTask): number =>
  epochSteps(task.data.train.rows, batchSizeOf(config, task.data.train.rows));

/** Epochs of a search's training that goes to its end. */
export const trialEpochsOf = ({ trialEpochs }: Pick<Config, "trialEpochs">, stepsPerEpoch: number): number =>
  trialEpochs ?? Math.max(10, Math.ceil(1000 / stepsPerEpoch));

/** Trainings of a search that says nothing of its length, if each goes to its end; the trials that a study starts. */
export const DEFAULT_TRIALS = 20;

/** The least number of steps of a run that says nothing of its length: less than a minute for small networks. */
const DEFAULT_STEPS = 2250;

/** A tenth of all steps. */
const candidatesOf = (epochs: number | undefined, stepsPerEpoch: number): number =>
  epochs === undefined ? USUAL_CANDIDATES : Math.max(1, Math.floor((epochs * stepsPerEpoch) / 10));

/** With its length and its warm-up: settled once, so that more epochs later do not move the warm-up. */
function withLength(config: Config, stepsPerEpoch: number): Config {
  if (config.store !== undefined) return config; // its trials are counted
  const unlimited = config.epochs === undefined && config.time === undefined;
  const usual = isSearch(config.method)
    ? DEFAULT_TRIALS * trialEpochsOf(config, stepsPerEpoch)
    : Math.ceil(DEFAULT_STEPS / stepsPerEpoch);
  const epochs = unlimited ? usual : config.epochs;
  const { method } = config;
  const { warmup = usualWarmup } = methodOf(method);
  const warmupEpochs =
    config.warmupEpochs ?? warmupEpochsOf(warmup, { epochs: epochs ?? Infinity, stepsPerEpoch });
  return {
    ...config,
    ...(epochs !== undefined && { epochs }),
    warmupEpochs,
    ...(method === "smash" && { candidates: config.candidates ?? candidatesOf(epochs, stepsPerEpoch) }),
  };
}
