import { inWords } from "../util/words.ts";

/** What an optimizer says of itself; `named-parts.ts` makes it. */
export interface DescribedOptimizer {
  /** Its usual step size of weights. */
  readonly rate: number;
  /** Its usual step size of a response, where that is not the weights'. */
  readonly responseRate?: number;
  /** Its usual momentum; absent where it has none to choose. */
  readonly momentum?: number;
}

/** The optimizers by name. */
export const optimizers = {
  sgd: { rate: 0.03, momentum: 0.9 },
  adam: { rate: 0.001, responseRate: 0.003 },
  rmsprop: { rate: 0.001, responseRate: 0.001, momentum: 0 },
} as const satisfies Readonly<Record<string, DescribedOptimizer>>;

/** An optimizer's name. */
export type OptimizerName = keyof typeof optimizers;

/** Their names. */
export const optimizerNames = Object.keys(optimizers) as readonly OptimizerName[]; // the keys are those of the literal above

/** An optimizer by name. */
export const optimizerOfName = (name: OptimizerName): DescribedOptimizer => optimizers[name];

/** The names as a sentence lists them. */
export const optimizersInWords = inWords(optimizerNames, "or");

/** A setting of each optimizer in words, for example `0.9 for sgd, 0 for rmsprop`; nothing is said of those without. */
export const settingInWords = (setting: keyof DescribedOptimizer): string =>
  optimizerNames
    .flatMap((name) => {
      const value = optimizerOfName(name)[setting];
      return value === undefined ? [] : [`${value} for ${name}`];
    })
    .join(", ");
