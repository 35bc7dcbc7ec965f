import type { Tuner } from "../tuners/tuner.ts";
import { ownOptions } from "../util/given.ts";
import { oneOf, type Rules } from "../util/rule.ts";
import { constant } from "../nn/optim/schedule.ts";
import { advising } from "./advice.ts";
import type { Method, TrainingMethod } from "./method.ts";
import { namedParts } from "./named-parts.ts";
import { optimizerOfName } from "./optimizers.ts";
import type { MethodOptions, OptionValues } from "./option.ts";
import type { MethodTraining } from "./training.ts";
import { warmupEpochsOf } from "./warmup.ts";

/** Options of a method, with what they are where they are left out. */
export type WithPreset<O> = O & {
  /** `paper` for the rhythm, the step sizes and the optimizers of the papers; default those of the command line. */
  readonly preset?: "standard" | "paper";
};

/** How a tuner of the library is made. */
export interface StandardTuner<O extends object> {
  readonly method: TrainingMethod<string, MethodOptions, Partial<O>>;
  /** Makes it; what is left out is as in the papers. */
  make(options: O): Tuner;
  /** What of the command line's settings goes with what a user says. Default all. */
  beside?(usual: Partial<O>, given: Partial<O>): Partial<O>;
  /** What its options must be. */
  readonly rules: Rules<Partial<O>>;
  /** The option that is its warm-up. */
  readonly warmup?: keyof O;
}

/**
 * A factory of tuners that have the command line's defaults, unless they are asked for the papers'.
 *
 * @throws {HypertrainError} for an option that the method does not have, or whose value is none of its.
 */
export const standard =
  <O extends object>({ method, make, beside = (usual) => usual, rules, warmup }: StandardTuner<O>) =>
  (options: WithPreset<Partial<O>> = {}): Tuner => {
    const all = { ...rules, preset: oneOf("standard", "paper") } as unknown as Rules<WithPreset<Partial<O>>>; // O's and one more
    const { preset = "standard", ...rest } = ownOptions(method.name, options, all);
    const given = defined(rest) as Partial<O>; // without what is undefined
    if (preset === "paper") return advising(make(given as O));
    const usual = method.settings(defaultsOf(method.options), usualTraining(method));
    const settings = { ...beside(usual, given), ...given } as O;
    const { warmup: rule } = method;
    if (!rule || warmup === undefined || warmup in given) return advising(make(settings));
    const after = (epochs: number) => advising(make({ ...settings, [warmup]: epochs }));
    return {
      name: after(0).name, // which checks the options at once
      prepare: (task, seed, length) => after(warmupEpochsOf(rule, length)).prepare(task, seed, length),
    };
  };

/** The defaults of a method's options. */
const defaultsOf = <O extends MethodOptions>(options: O): OptionValues<O> =>
  Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, option.default]),
  ) as OptionValues<O>; // settled ones have theirs

/** How the weights of a method are trained where nobody says. */
function usualTraining(method: Method): MethodTraining {
  const optimizerName = method.optimizer ?? "sgd";
  return {
    ...{
      optimizer: namedParts.optimizerNamed(optimizerName),
      optimizerName,
      learningRate: optimizerOfName(optimizerName).rate,
      momentum: undefined,
      clipNorm: undefined,
    },
    ...{ batchSize: 128, stepsPerEpoch: 1, epochs: undefined, hypersAt: undefined, memoryLimit: 2 ** 32 },
    schedule: () => constant(),
    ...namedParts,
  };
}

const defined = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
