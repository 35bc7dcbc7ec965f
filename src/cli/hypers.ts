import { withOptimizerHypers } from "../hypergrad/optimizer-hypers.ts";
import type { Network } from "../nn/network.ts";
import { effectOf, expandHypers } from "../problem/effects.ts";
import type { SuggestedRange } from "../problem/effects/effect.ts";
import { parameterCount } from "../problem/penalty.ts";
import type { Task } from "../problem/problem.ts";
import { choiceRecord } from "../space/choice.ts";
import { integerRecord } from "../space/integer.ts";
import { realRecord } from "../space/real.ts";
import type { Hyper } from "../space/space.ts";
import type { ChoiceValue } from "../space/values.ts";
import { inputError } from "../util/error.ts";
import type { Config, HyperConfig } from "./config.ts";
import { flagOf } from "./fields.ts";
import { isChoice } from "./hyper-flag.ts";

/** What a configuration says of hyperparameters, by name. */
export type HyperConfigs = NonNullable<Config["hyper"]>;

/**
 * The hyperparameters of a network from their configuration: shorthands expanded, ranges of known names filled in, and one
 * value for every weight and bias in `l2.each` and `l1.each`.
 *
 * @param options.scale of the perturbations where the configuration leaves it out; default the space's own
 * @param options.side of the images in pixels, the shorter one; default 32
 */
export const hypersOf = (
  network: Network,
  configs: HyperConfigs,
  { scale, side }: { readonly scale?: number | undefined; readonly side?: number | undefined } = {},
): Record<string, Hyper> =>
  Object.fromEntries(
    Object.entries(expandHypers(network, configs)).map(([name, config]) => {
      if (isChoice(config)) return [name, choiceRecord(config[0] as ChoiceValue, config)];
      const given = withRange(name, config, side);
      const scaled = scale === undefined ? given : { ...given, scale: given.scale ?? scale };
      return [name, hyperOf(name, scaled, name.endsWith(".each") ? [parameterCount(network)] : [])];
    }),
  );

/**
 * The names of the hyperparameters that are tuned unless a configuration names its own, and which this one neither has nor covers by another of that kind for the same
 * places: off. Each once, as one would name them: `dropout.*` for all places of which none is covered.
 */
export function leftOff(network: Network, named: HyperConfigs, usual: HyperConfigs): readonly string[] {
  const own = expandHypers(network, named);
  const isCovered = (name: string) => {
    const [kind = name] = name.split(".");
    return [name, kind, `${kind}.each`].some((cover) => Object.hasOwn(own, cover));
  };
  const partsOf = (name: string) => Object.keys(expandHypers(network, { [name]: 0 }));
  const off = Object.keys(usual).flatMap((name) => {
    const parts = partsOf(name).filter((part) => !isCovered(part));
    return parts.length === partsOf(name).length ? [name] : parts;
  });
  const within = new Set(off.flatMap((name) => partsOf(name).filter((part) => part !== name)));
  return [...new Set(off)].filter((name) => !within.has(name));
}

/** Whether the range that a name suggests depends on the size of the images. */
export const followsSize = (name: string): boolean => effectOf(name)?.range.inPixels ?? false;

/**
 * A hyperparameter's options with the range that its name suggests, where the configuration leaves it out.
 *
 * @param side of the images in pixels, the shorter one
 */
export function withRange(name: string, config: number | HyperConfig, side?: number): HyperConfig {
  const given = typeof config === "number" ? { start: config } : config;
  const suggested = effectOf(name)?.range ?? settingRanges[name];
  if (!suggested) return given;
  const known = suggested.inPixels ? onImagesOf(side, suggested) : suggested;
  const { low = known.low, high = known.high } = given;
  if (suggested.inPixels && given.high === undefined) demandBelow(name, given.start, { low, high, side });
  const ratios = low === undefined ? high === undefined : low > 0;
  const log = given.log ?? ratios;
  return {
    ...given,
    ...defined({ low: low ?? (known.log && !log ? 0 : undefined), high }), // a penalty or a rate is never negative
    ...(known.log && { log }),
    ...(known.discrete && { discrete: true }),
  };
}

/** Images of which ranges in pixels are told, by their shorter side: MNIST's to CIFAR's. */
const USUAL_SIDES = [28, 32] as const;

/** A range in pixels on images of a size, in whole ones: in proportion to the side, but that a range does not begin later on larger images. */
function onImagesOf(
  side: number = USUAL_SIDES[0],
  { low = 0, high = 0, ...others }: SuggestedRange,
): SuggestedRange {
  const share = Math.max(side / USUAL_SIDES[1], Math.min(1, side / USUAL_SIDES[0]));
  return {
    ...others,
    ...{ low: Math.round(low * Math.min(1, share)), high: Math.max(1, Math.round(high * share)) },
  };
}

/** Demands a start below what images of a size suggest as the end of its range, where nobody gave one. @throws {HypertrainError} */
function demandBelow(
  name: string,
  start: number,
  {
    low = 0,
    high = Infinity,
    side,
  }: {
    readonly low: number | undefined;
    readonly high: number | undefined;
    readonly side: number | undefined;
  },
): void {
  if (!(start >= high)) return;
  const images = side === undefined ? "images of usual size" : `images whose shorter side is ${side} pixels`;
  throw inputError(
    `${name} must start below ${high}, where its range ends on ${images} unless one is given, but got ${start}; start lower, or give the range, such as ${name}=${start}:${low}..${Math.ceil(1.5 * start)}`,
  );
}

/** The ranges of the optimizer's settings, where a configuration leaves them out. */
const settingRanges: Readonly<Record<string, SuggestedRange>> = {
  lr: { low: 1e-5, high: 1, log: true },
  momentum: { low: 0, high: 0.99, log: false },
};

/** The settings of the optimizer that may be hyperparameters, by what the command line calls them. */
const settings = { lr: "learningRate", momentum: "momentum" } as const;

/** What a configuration says of the optimizer's settings, apart from what it says of the rest. */
export function separated(configs: HyperConfigs): { ofOptimizer: HyperConfigs; others: HyperConfigs } {
  const [ofOptimizer, others] = [true, false].map((wanted) =>
    Object.fromEntries(Object.entries(configs).filter(([name]) => name in settings === wanted)),
  ) as [HyperConfigs, HyperConfigs];
  return { ofOptimizer, others };
}

/**
 * A task with settings of the optimizer among its hyperparameters.
 *
 * @param configs names them as the command line does
 * @throws {HypertrainError} where a setting has a value of its own as well.
 */
export function withSettings(
  task: Task,
  configs: HyperConfigs,
  config: Pick<Config, "lr" | "momentum">,
): Task {
  const entries = Object.entries(configs) as [keyof typeof settings, number | HyperConfig][];
  if (entries.length === 0) return task;
  const hypers = entries.map(([name, given]) => {
    if (config[name] !== undefined) {
      throw inputError(
        `${flagOf(name)} must be left out where ${name} is a hyperparameter, which starts at its own value, but got ${config[name]}; give --hyper ${name}=${config[name]}`,
      );
    }
    if (isChoice(given as HyperConfigs[string])) {
      throw inputError(
        `${name} must be a number with a range, but got options; give it as ${name}=START:LOW..HIGH`,
      );
    }
    return [settings[name], hyperOf(name, withRange(name, given), [])];
  });
  const names = entries.map(([name]) => [settings[name], name]);
  return withOptimizerHypers(
    task,
    Object.fromEntries(hypers) as Record<string, Hyper>,
    Object.fromEntries(names) as Record<string, string>,
  );
}

function hyperOf(name: string, config: HyperConfig, shape: readonly number[]): Hyper {
  const { start, low, high, discrete = false, ...rest } = defined(config);
  if (!discrete) return realRecord(start, { ...defined({ low, high }), ...rest, shape });
  if (low === undefined || high === undefined) {
    throw inputError(
      `a discrete hyperparameter must have a range, but "${name}" has none; give it as ${name}=${start}:LOW..HIGH,discrete`,
    );
  }
  return integerRecord(start, { low, high, ...rest, shape });
}

/** Without the fields that are undefined, as exact optional fields ask for. */
const defined = <T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
