import type { Network } from "../../nn/network.ts";
import { methodOf } from "../../methods/lookup.ts";
import { supervised, type SupervisedOptions } from "../../problem/supervised.ts";
import type { Task } from "../../problem/problem.ts";
import type { Tuner } from "../../tuners/tuner.ts";
import { inputError } from "../../util/error.ts";
import { USUAL_BATCH_SIZE } from "../config/batch-size.ts";
import { parseConfig, type Config, type ConfigInput } from "../config/config.ts";
import { flagOf } from "../config/fields.ts";
import { hypersOf } from "../config/hypers.ts";
import { separated, withSettings } from "../registry/optimizer-settings.ts";
import { tunerOf } from "../registry/tuners.ts";
import { demandUseful } from "../config/useful-fields.ts";
import type { BenchMethod } from "./bench-methods.ts";

/** A method whose steps are measured, with its settings: the papers', but for what a user asks for. */
export interface BenchTuning {
  readonly method: BenchMethod;
  readonly config: Config;
}

/** What a user may ask for beside the method. */
export type BenchTuningFlags = Pick<ConfigInput, "hyper" | "perturbations">;

/**
 * The settings of a method whose every training step is followed by a hyperparameter step. What is tuned by default is a dropout rate for each of a
 * network's places.
 *
 * @throws {HypertrainError} for what `tune` would refuse, too.
 */
export function benchTuning(method: BenchMethod, flags: BenchTuningFlags = {}): BenchTuning {
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const config = parseConfig({ ...settings[method], trainSteps: 1, hyper: dropouts, ...given }, flagOf);
  demandUseful(given, config, [config.method], flagOf, method);
  return { method, config };
}

const dropouts = { "dropout.*": 0.05 } as const;

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

/** What is measured: a network on data, with the hyperparameters that are asked for. */
export function benchTask(
  { config }: BenchTuning,
  { network, ...given }: Omit<SupervisedOptions, "hypers"> & { network: Network },
): Task {
  const { ofOptimizer, others } = separated(config.hyper ?? {});
  const hypers = hypersOf(network, others, { scale: methodOf(config.method).perturbationScale });
  return withSettings(supervised({ ...given, network, hypers }), ofOptimizer, {
    lr: undefined,
    momentum: undefined,
  });
}

/** The tuner; before `warmupEpochs` are over it takes no hyperparameter steps. */
export const benchTuner = ({ config }: BenchTuning, warmupEpochs: number): Promise<Tuner> =>
  tunerOf({ ...config, batchSize: USUAL_BATCH_SIZE, warmupEpochs }, STEPS_PER_EPOCH);

/** Of use to schedules alone, and the learning rates here are constant. */
const STEPS_PER_EPOCH = 1;

/** How many rows the response learns from, by those of a minibatch: every example at both ends of a full pair. */
export const responseShare = ({ config: { perturbations } }: BenchTuning): number =>
  perturbations === "full" ? 2 : 1;

/** Demands what the PyTorch programs have. @throws {HypertrainError} */
export function demandPeerTuning(flags: BenchTuningFlags): void {
  const [name] = (["hyper", "perturbations"] as const).filter((field) => flags[field] !== undefined);
  if (name === undefined) return;
  throw inputError(
    `${flagOf(name)} must be left out with --peer, whose program has a dropout rate for each place and one perturbation for each example, but got both; leave one of the two out`,
  );
}
