import type { Network } from "../../nn/network.ts";
import { expandHypers } from "../../problem/effects.ts";
import { parameterCount } from "../../problem/penalty.ts";
import { choiceRecord } from "../../space/choice.ts";
import { integerRecord } from "../../space/integer.ts";
import { realRecord } from "../../space/real.ts";
import type { Hyper } from "../../space/space.ts";
import type { ChoiceValue } from "../../space/values.ts";
import { inputError } from "../../util/error.ts";
import { defined } from "../../util/record.ts";
import type { Config, HyperConfig } from "./config.ts";
import { isChoice } from "./hyper-flag.ts";
import { withRange } from "./suggested-range.ts";

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

/** A hyperparameter of a shape from its options. @throws {HypertrainError} for a discrete one without a range */
export function hyperOf(name: string, config: HyperConfig, shape: readonly number[]): Hyper {
  const { start, low, high, discrete = false, ...rest } = defined(config);
  if (!discrete) return realRecord(start, { ...defined({ low, high }), ...rest, shape });
  if (low === undefined || high === undefined) {
    throw inputError(
      `a discrete hyperparameter must have a range, but "${name}" has none; give it as ${name}=${start}:LOW..HIGH,discrete`,
    );
  }
  return integerRecord(start, { low, high, ...rest, shape });
}
