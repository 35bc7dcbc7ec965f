import type { TracePoint } from "../../api/trace.ts";
import { isSearch, learnsResponse, methodOf } from "../../methods/lookup.ts";
import type { PlateauOptions } from "../../nn/optim/plateau.ts";
import { CHECK_SHARE } from "../../tuners/check-budget.ts";
import type { RunOptions } from "../../tuners/run.ts";
import { mostOf } from "../../util/statistics.ts";
import { optimizerOf, secondsOf, validBatchSizeOf, type Config, type SizedConfig } from "../config/config.ts";
import { stepsPerEpochOf, trialEpochsOf, type Job } from "./job.ts";
import type { NamedTask } from "../registry/tasks.ts";

/** How long a configuration trains on a task, on what minibatches, from which seed, and how often its response is checked where that can be done. */
export const runOptions = (config: SizedConfig, named: NamedTask): RunOptions => ({
  ...trainingOptions(config, stepsPerEpochOf(config, named)),
  ...(learnsResponse(config.method) && !named.task.problem.carried && { checkShare: CHECK_SHARE }),
  epochs: config.epochs ?? Infinity,
  timeLimit: timeLimitOf(config),
  ...(config.patience !== undefined && { patience: config.patience }),
});

/** The same without what ends it, and without checks: for trainings whose length another settles. */
export const trainingOptions = (
  config: SizedConfig,
  stepsPerEpoch: number,
): Omit<RunOptions, "epochs" | "timeLimit" | "gradientLimit" | "patience"> => ({
  ...(config.schedule === "plateau" && { plateau: plateauOf(config) }),
  batchSize: config.batchSize,
  ...("validBatchSize" in methodOf(config.method).options && { validBatchSize: validBatchSizeOf(config) }),
  evaluateEvery: config.evaluateEvery * stepsPerEpoch,
  seed: config.seed,
  precision: config.precision,
  restart: config.restart !== "never" && "restart" in methodOf(config.method).options,
  ...(config.guard !== undefined && { guard: config.guard }),
});

/** Seconds after which a run ends; Infinity for none. */
export const timeLimitOf = ({ time }: Config): number => (time === undefined ? Infinity : secondsOf(time));

const plateauOf = ({ decayWait, decayFactor }: Config): PlateauOptions => ({
  ...(decayWait !== undefined && { wait: decayWait }),
  ...(decayFactor !== undefined && { factor: decayFactor }),
});

/** How what is compared with a run trains: plainly, by the optimizer that the run's method settles; beside a search, by the schedule of its trainings. */
export function configOfRival({ config, named }: Job): SizedConfig {
  const { method } = config;
  return {
    ...{ ...config, method: "fixed", optimizer: optimizerOf(config) },
    ...(isSearch(method) && { epochs: trialEpochsOf(config, stepsPerEpochOf(config, named)) }),
  };
}

/**
 * How long what is compared with a run trains: for as many steps; beside a search, for as many as the longest of its trainings.
 *
 * @param trace of the run
 */
export function limitsOfRival({ config, named }: Job, trace: readonly TracePoint[]): RunOptions {
  const stepsPerEpoch = stepsPerEpochOf(config, named);
  const held = { ...config, method: "fixed" } as const;
  const steps = trace.map(({ step, trial }) => (trial ? Math.round(trial.epoch * stepsPerEpoch) : step));
  return { ...trainingOptions(held, stepsPerEpoch), epochs: epochsOf(mostOf(steps), stepsPerEpoch) };
}

/** The number of epochs, maybe a fraction, after which a run has made exactly this many steps. */
export function epochsOf(steps: number, stepsPerEpoch: number): number {
  const epochs = steps / stepsPerEpoch;
  return Math.ceil(epochs * stepsPerEpoch) === steps ? epochs : (steps - 0.5) / stepsPerEpoch;
}
