/** The tuner of a configuration: what its method is made with. */
import { totalmem } from "node:os";

import { heavyBall } from "../../hypergrad/heavy-ball.ts";
import { trainingMethods } from "../../methods/index.ts";
import { methodOf, type MethodName, type TrainingName } from "../../methods/lookup.ts";
import type { TrainingMethod } from "../../methods/method.ts";
import type { MethodOption } from "../../methods/option.ts";
import { namedParts } from "../../methods/named-parts.ts";
import { optimizerOfName, optimizers, type OptimizerName } from "../../methods/optimizers.ts";
import { gradientScaleOf } from "../../problem/example-losses.ts";
import type { MethodTraining } from "../../methods/training.ts";
import type { Optimizer } from "../../nn/optim/optimizer.ts";
import { type Schedule, constant, cosine, stepDecay } from "../../nn/optim/schedule.ts";
import type { Tuner } from "../../tuners/tuner.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import { type Config, optimizerOf, type SizedConfig } from "../config/config.ts";
import { flagOf } from "../config/fields.ts";

/** A training that is known beforehand, by its steps. */
export interface TrainingPath {
  hypersAt(step: number): Float64Array;
  /** On the learning rate, beside the configuration's schedule. */
  rateFactorAt(step: number): number;
}

/**
 * The tuner of a configuration whose method trains once.
 *
 * @param path where the hyperparameters go, and what becomes of the learning rate, for the method `fixed`
 * @throws {HypertrainError} for settings that do not go together.
 */
export async function tunerOf(
  config: SizedConfig,
  stepsPerEpoch: number,
  path?: TrainingPath,
): Promise<Tuner> {
  const method: TrainingMethod<TrainingName> | undefined = trainingMethods.find(
    ({ name }) => name === config.method,
  );
  if (!method) throw new Error(`internal: ${config.method} trains more than once`);
  demandGoingWith(config);
  return method.create(optionsIn(config, method), trainingOf(config, stepsPerEpoch, path));
}

/** The options of a method in a configuration, or their defaults. @throws {HypertrainError} for a value that another method alone has. */
function optionsIn(config: Config, { name: method, options }: TrainingMethod<MethodName>) {
  const values: Readonly<Record<string, unknown>> = config;
  return Object.fromEntries(
    Object.entries<MethodOption>(options).map(([name, { type, default: usual }]) => {
      const value = values[name] as number | string | undefined; // of the type that the schema has checked
      if (value !== undefined && !type.holds(value)) {
        throw inputError(
          `${flagOf(name)} must be ${type.must} for ${method}, but got ${oneLine(String(value))}; change it or leave it out`,
        );
      }
      return [name, value ?? usual];
    }),
  );
}

/** Demands what the method needs of the training. @throws {HypertrainError} */
function demandGoingWith(config: Config): void {
  const { method, momentum, problem, model } = config;
  const { without = {}, only = {} } = methodOf(method);
  for (const [name, why] of Object.entries(without)) {
    const value = config[name as keyof typeof without];
    if (value === undefined) continue;
    throw inputError(`${flagOf(name)} must be left out for ${method}, ${why}, but got ${value}`);
  }
  const optimizer = optimizerOf(config);
  const given = { optimizer, model: problem === undefined ? model : undefined };
  for (const [name, { values, why }] of Object.entries(only)) {
    const value = given[name as keyof typeof only];
    if (value === undefined || values.includes(value)) continue;
    throw inputError(
      `${flagOf(name)} must be ${values.join(" or ")} for ${method}, ${why}, but got ${oneLine(value)}; take that, or another method`,
    );
  }
  if (momentum !== undefined && optimizerOfName(optimizer).momentum === undefined) {
    throw inputError(`--momentum must be left out for ${optimizer}, which has none, but got ${momentum}`);
  }
}

function trainingOf(
  config: SizedConfig,
  stepsPerEpoch: number,
  { hypersAt, rateFactorAt = () => 1 }: Partial<TrainingPath> = {},
): MethodTraining {
  const optimizerName = optimizerOf(config);
  const { momentum, clipNorm, batchSize, epochs } = config;
  return {
    ...{
      optimizer: optimizerOfWeights(config, optimizerName),
      optimizerName,
      learningRate: weightsRateOf(config),
      momentum,
      clipNorm,
    },
    ...{ batchSize, stepsPerEpoch, epochs, hypersAt, memoryLimit: totalmem() },
    schedule(trained = epochs) {
      const factor = schedules[config.schedule]({ ...config, epochs: trained }, stepsPerEpoch);
      return (step) => factor(step) * rateFactorAt(step);
    },
    ...namedParts,
  };
}

/**
 * The learning rate of the weights at the start: by default the optimizer's own; of sgd, whose steps grow with the gradients, by the loss's size of
 * these, by which others divide.
 */
export function weightsRateOf(config: Config): number {
  const optimizer = optimizerOf(config);
  const scale = optimizer === "sgd" ? gradientScaleOf(config.loss) : 1;
  return config.lr ?? optimizerOfName(optimizer).rate / scale;
}

/** The optimizer of the weights: one that is fed its momentum, where that is a hyperparameter. */
function optimizerOfWeights({ hyper, momentum }: Config, name: OptimizerName): Optimizer {
  if (name !== "sgd" || hyper?.momentum === undefined) return namedParts.optimizerNamed(name, momentum);
  return heavyBall({ momentum: momentum ?? optimizers.sgd.momentum });
}

const schedules: Readonly<Record<Config["schedule"], (config: Config, stepsPerEpoch: number) => Schedule>> = {
  constant: () => constant(),
  plateau: () => constant(), // the run lowers it
  cosine({ epochs, time }, stepsPerEpoch) {
    if (epochs !== undefined) return cosine({ steps: Math.ceil(epochs * stepsPerEpoch) });
    throw inputError(
      `--schedule cosine must come with --epochs, at which it ends, but got ${time === undefined ? "none" : `--time ${time} alone`}; add it, and the run ends at whichever comes first`,
    );
  },
  step({ decayEpochs, decayFactor = 0.2 }, stepsPerEpoch) {
    if (decayEpochs)
      return stepDecay({ at: decayEpochs.map((epoch) => epoch * stepsPerEpoch), factor: decayFactor });
    throw inputError(
      "--schedule step must come with --decay-epochs, at which it lowers the learning rate, but got none; add for example --decay-epochs 60,120",
    );
  },
};
