import { count } from "../data/quote.ts";
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
  demandInside(name, given, known, side);
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

/** Where ranges in pixels end at the least: what is floored is 0 below 1, and a start lies below the end. */
const LEAST_PIXELS = 2;

/** A range in pixels on images of a size, in whole ones: in proportion to the side, but that a range does not begin later on larger images. */
function onImagesOf(
  side: number = USUAL_SIDES[0],
  { low = 0, high = 0, ...others }: SuggestedRange,
): SuggestedRange {
  const share = Math.max(side / USUAL_SIDES[1], Math.min(1, side / USUAL_SIDES[0]));
  return {
    ...others,
    ...{ low: Math.round(low * Math.min(1, share)), high: Math.max(LEAST_PIXELS, Math.round(high * share)) },
  };
}

/**
 * Demands a start inside the range that a name suggests, at the ends that nobody gave.
 *
 * @param known the suggested range, on images whose shorter side has so many pixels where it counts them
 * @throws {HypertrainError}
 */
function demandInside(
  name: string,
  { start, ...given }: HyperConfig,
  known: SuggestedRange,
  pixels: number | undefined,
): void {
  const { low = known.low, high = known.high, discrete = known.discrete ?? false } = given;
  const isIn = (below: number, above: number) => below < above || (discrete && below === above);
  const isBelow = given.low === undefined && low !== undefined && !isIn(low, start);
  const isAbove = given.high === undefined && high !== undefined && !isIn(start, high);
  if (isBelow === isAbove || Number.isNaN(start)) return;
  const [side, end, mend] = isBelow ? ["above", "begins", "higher"] : ["below", "ends", "lower"];
  const bound = isBelow ? low : high;
  const must = discrete ? `at ${bound} or ${side}` : `${side} ${bound}`;
  const images =
    pixels === undefined ? "images of usual size" : `images whose shorter side is ${count(pixels, "pixel")}`;
  const wider = isBelow ? lowerEnd(name, start, known) : upperEnd(name, start, known);
  const range = isBelow ? `${wider}..${high ?? ""}` : `${low ?? ""}..${wider}`;
  throw inputError(
    `${name} must start ${must}, where its range ${end} ${known.inPixels ? `on ${images} ` : ""}unless one is given, but got ${start}; start ${mend}${wider === undefined ? "" : `, or give the range, such as ${name}=${start}:${range}`}`,
  );
}

/** An end below a start that lies below a suggested range; undefined where the name allows none. */
function lowerEnd(name: string, start: number, { log }: SuggestedRange): number | undefined {
  if (log) return start > 0 ? Number((start / 10).toPrecision(3)) : undefined;
  const { low = start } = effectOf(name)?.natural ?? {};
  return low < start ? low : undefined;
}

/** An end above a start that lies above a suggested range; undefined where the name allows none. */
function upperEnd(name: string, start: number, { log, inPixels }: SuggestedRange): number | undefined {
  const { high = log ? Infinity : start } = effectOf(name)?.natural ?? {};
  const above = inPixels ? Math.ceil(1.5 * start) : Number((1.5 * start).toPrecision(3));
  return start < high ? Math.min(high, above) : undefined;
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
