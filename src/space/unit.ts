/**
 * Hyperparameters on [0, 1], for samplers: uniform there is uniform on the range, or on its logarithm on a log scale.
 *
 * An integer owns the cell [n, n + 1) of [low, high + 1), so that without a log scale all integers are equally probable;
 * choices own equal cells in the order of their options.
 */
import { inputError } from "../util/error.ts";
import { briefText } from "../util/brief-text.ts";
import type { ChoiceHyper, ChoiceValue, IntegerHyper, RealHyper } from "./values.ts";
import type { Hyper } from "./space.ts";
import type { TunableHyper } from "./transform.ts";
import { demandGiven } from "../util/given.ts";
import { probability } from "../util/rule.ts";
import { aHyper } from "./values.ts";

/**
 * How far samplers stay away from 0 and 1 in real coordinates: tuners need values strictly inside their range. It is the distance of
 * a random point's, too.
 */
export const EDGE = 2 ** -25;

/**
 * The place of a natural value on [0, 1]; the centre of the cell of an integer or a choice. One element at a time.
 *
 * @param name what errors call the hyperparameter
 * @throws {HypertrainError} if the range is not finite or does not hold the value.
 */
export function toUnit(hyper: Hyper, value: ChoiceValue, name?: string): number {
  demandGiven("toUnit", { hyper }, unitRules);
  return unitPlace(hyper, value, name);
}

/** {@link toUnit} of what is known to be a hyperparameter, for each value of each trial. @throws {HypertrainError} as it does. */
export function unitPlace(hyper: Hyper, value: ChoiceValue, name = "its hyperparameter"): number {
  const t = scales[hyper.kind](hyper as never).toUnit(value as never);
  if (!(t >= 0 && t <= 1)) {
    throw inputError(
      `a value must be one that ${name} can take, ${rangeOf(hyper)}, but got ${briefText(value)}; choose one of those`,
    );
  }
  return t;
}

/**
 * The natural value at `t` on [0, 1]: the inverse of {@link toUnit}, constant on the cell of an integer or a choice.
 *
 * @throws {HypertrainError} if the range is not finite or `t` is outside [0, 1].
 */
export function fromUnit(hyper: Hyper, t: number): ChoiceValue {
  demandGiven("fromUnit", { hyper, t }, { ...unitRules, t: probability });
  return naturalAt(hyper, t);
}

/** {@link fromUnit} of what is known to be a hyperparameter, for each coordinate of a candidate. @throws {HypertrainError} as it does. */
export function naturalAt(hyper: Hyper, t: number): ChoiceValue {
  if (!(t >= 0 && t <= 1)) {
    throw inputError(`a place in a range must be on [0, 1], but got ${t}; scale it`);
  }
  return scales[hyper.kind](hyper as never).fromUnit(t);
}

const unitRules = { hyper: aHyper };

const scales = {
  real: realScale,
  integer: integerScale,
  choice: ({ options }: ChoiceHyper) => ({
    toUnit: (value: ChoiceValue) =>
      options.includes(value) ? (options.indexOf(value) + 0.5) / options.length : NaN,
    fromUnit: (t: number) =>
      options[Math.min(Math.floor(t * options.length), options.length - 1)] as ChoiceValue,
  }),
} satisfies {
  [K in Hyper["kind"]]: (hyper: Extract<Hyper, { kind: K }>) => {
    toUnit(value: never): number;
    fromUnit(t: number): ChoiceValue;
  };
};

function realScale(hyper: RealHyper) {
  const { low, high, log } = hyper;
  if (low === undefined || high === undefined) {
    throw inputError(
      `a hyperparameter that is sampled must have a finite range, but got ${rangeOf(hyper)}; give low and high`,
    );
  }
  const { place, value } = lineBetween(low, high, log);
  return {
    toUnit: (x: number) => (typeof x === "number" && low <= x && x <= high ? place(x) : NaN),
    fromUnit: (t: number) => clamp(value(t), low, high),
  };
}

function integerScale({ low, high, log }: IntegerHyper) {
  const { place, value } = lineBetween(low, high + 1, log);
  return {
    toUnit: (n: number) =>
      Number.isInteger(n) && low <= n && n <= high ? (place(n) + place(n + 1)) / 2 : NaN,
    fromUnit: (t: number) => clamp(Math.floor(value(t)), low, high),
  };
}

function lineBetween(low: number, high: number, log: boolean) {
  const [bend, straighten] = log ? [Math.log, Math.exp] : [identity, identity];
  const a = bend(low);
  const width = bend(high) - a;
  return {
    place: (x: number) => clamp((bend(x) - a) / width, 0, 1),
    value: (t: number) => straighten(a + width * t),
  };
}

const rangeOf = (hyper: Hyper): string =>
  hyper.kind === "choice" ? `one of ${briefText(hyper.options)}` : boundsOf(hyper);

const boundsOf = ({ kind, low, high }: TunableHyper): string =>
  `${kind === "integer" ? "an integer" : "a real"} from ${low ?? "-Infinity"} to ${high ?? "Infinity"}`;

const identity = (x: number): number => x;

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
