import type { RecordedRun } from "../artifacts/record.ts";
import { isSearch } from "../methods/lookup.ts";
import type { PlateauOptions } from "../nn/optim/plateau.ts";
import { CHECK_SHARE } from "../tuners/check-budget.ts";
import type { RunOptions } from "../tuners/run.ts";
import { secondsOf, validBatchSizeOf, type Config } from "./config.ts";
import { stepsPerEpochOf, trialEpochsOf, type Job } from "./job.ts";

/** How long a configuration trains, on what minibatches, from which seed. */
export const runOptions = (config: Config, stepsPerEpoch: number): RunOptions => ({
  ...trainingOptions(config, stepsPerEpoch),
  epochs: config.epochs ?? Infinity,
  timeLimit: timeLimitOf(config),
  ...(config.patience !== undefined && { patience: config.patience }),
});

/** The same without what ends it: for trainings whose length another settles. */
export const trainingOptions = (
  config: Config,
  stepsPerEpoch: number,
): Omit<RunOptions, "epochs" | "timeLimit" | "gradientLimit" | "patience"> => ({
  ...(config.schedule === "plateau" && { plateau: plateauOf(config) }),
  batchSize: config.batchSize,
  validBatchSize: validBatchSizeOf(config),
  evaluateEvery: config.evaluateEvery * stepsPerEpoch,
  seed: config.seed,
  precision: config.precision,
  restart: config.restart === "auto",
  checkShare: CHECK_SHARE,
  ...(config.guard !== undefined && { guard: config.guard }),
});

/** Seconds after which a run ends; Infinity for none. */
export const timeLimitOf = ({ time }: Config): number => (time === undefined ? Infinity : secondsOf(time));

const plateauOf = ({ decayWait, decayFactor }: Config): PlateauOptions => ({
  ...(decayWait !== undefined && { wait: decayWait }),
  ...(decayFactor !== undefined && { factor: decayFactor }),
});

/** How long what is compared with a run trains: for as many steps; beside a search, for as many as one of its trainings. */
export function limitsOfRival({ config, named }: Job, { final }: RecordedRun): RunOptions {
  const stepsPerEpoch = stepsPerEpochOf(config, named);
  const held = { ...config, method: "fixed" } as const;
  const epochs = isSearch(config.method)
    ? trialEpochsOf(config, stepsPerEpoch)
    : epochsOf(final.step, stepsPerEpoch);
  return { ...trainingOptions(held, stepsPerEpoch), epochs };
}

/** The number of epochs, maybe a fraction, after which a run has made exactly this many steps. */
function epochsOf(steps: number, stepsPerEpoch: number): number {
  const epochs = steps / stepsPerEpoch;
  return Math.ceil(epochs * stepsPerEpoch) === steps ? epochs : (steps - 0.5) / stepsPerEpoch;
}
