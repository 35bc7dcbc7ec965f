/**
 * The smooth, strictly monotone maps between an unconstrained number and a hyperparameter in natural units.
 *
 * | symbol | meaning |
 * |---|---|
 * | u    | unconstrained value: any real number |
 * | x    | natural value, strictly between a and b |
 * | a, b | bounds of x, or of log x on a log scale; infinite where there is none |
 * | t    | -abs(u), so that exp(t) never overflows; its derivative at 0 is taken from the right |
 *
 * | bounds  | map | |
 * |---|---|---|
 * | a and b | x = a + (b - a) sigmoid(u) | stretched sigmoid |
 * | a       | x = a + softplus(u) | |
 * | b       | x = b - softplus(u) | mirrored: x falls as u grows |
 * | none    | x = u | |
 *
 * On a log scale these maps give log x. The two forms of each map, for programs and for the host, agree to rounding, or to
 * the 1e-5 of jax-js's approximate exp and log on wasm. Stable in float32 for every u but those whose exp(u), where that
 * is x, overflows.
 */
import { lax, numpy as np } from "@jax-js/jax";

import type { ChoiceHyper, IntegerHyper, RealHyper } from "./values.ts";

/** A hyperparameter whose unconstrained form can be differentiated by. */
export type TunableHyper = RealHyper | IntegerHyper;

/** One map between unconstrained and natural values. */
export interface Transform {
  /** x of u inside programs, elementwise, any shape. Consumes u. */
  apply(u: np.Array): np.Array;
  /** x of u on the host. */
  forward(u: number): number;
  /** u of x on the host; not finite unless x is strictly between the bounds. */
  inverse(x: number): number;
}

/**
 * The map between a hyperparameter's unconstrained and natural values; an integer's `inverse` is that of its cell's centre. The
 * numbers of a choice, on both sides, are the indices of its options.
 */
export const transformOf = (hyper: TunableHyper | ChoiceHyper): Transform =>
  kinds[hyper.kind](hyper as never);

/** softplus(u) = log(1 + exp u): the map from R to the positive numbers, also from `s` to a perturbation's scale. */
export const softplus: Transform = {
  apply(u) {
    const tail = np.log1p(np.exp(minusAbs(u.ref)));
    return np.where(np.less(u.ref, 0), tail.ref, u.add(tail));
  },
  forward: (u) => Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u))),
  inverse: (x) => x + Math.log(-Math.expm1(-x)),
};

const kinds = {
  real: ({ low = -Infinity, high = Infinity, log }: RealHyper) => spaced(log, low, high),
  integer: ({ low, high, log }: IntegerHyper) => floored(spaced(log, low, high + 1), low, high),
  choice: ({ options }: ChoiceHyper) => indexed(options.length),
} satisfies {
  [K in (TunableHyper | ChoiceHyper)["kind"]]: (
    hyper: Extract<TunableHyper | ChoiceHyper, { kind: K }>,
  ) => Transform;
};

type Bounds = "both" | "lower" | "upper" | "none";

const maps = {
  both: stretchedSigmoid,
  lower: (a) => ({
    apply: (u) => softplus.apply(u).add(a),
    forward: (u) => a + softplus.forward(u),
    inverse: (x) => softplus.inverse(x - a),
  }),
  upper: (_, b) => ({
    apply: (u) => np.subtract(b, softplus.apply(u)),
    forward: (u) => b - softplus.forward(u),
    inverse: (x) => softplus.inverse(b - x),
  }),
  none: () => ({ apply: (u) => u, forward: (u) => u, inverse: (x) => x }),
} satisfies Record<Bounds, (a: number, b: number) => Transform>;

function between(a: number, b: number): Transform {
  const lower = Number.isFinite(a);
  const upper = Number.isFinite(b);
  return maps[lower && upper ? "both" : lower ? "lower" : upper ? "upper" : "none"](a, b);
}

/** Measured from the nearer bound, sigmoid(t) wide, so that rounding never carries x past a bound. */
function stretchedSigmoid(a: number, b: number): Transform {
  const width = b - a;
  return {
    apply(u) {
      const growth = np.exp(minusAbs(u.ref));
      const tail = growth.ref.div(growth.add(1)).mul(width); // (b - a) sigmoid(t)
      return np.where(np.less(u, 0), tail.ref.add(a), np.subtract(b, tail));
    },
    forward(u) {
      const growth = Math.exp(-Math.abs(u));
      const tail = (width * growth) / (growth + 1);
      return u < 0 ? a + tail : b - tail;
    },
    inverse: (x) => Math.log((x - a) / (b - x)),
  };
}

const minusAbs = (u: np.Array): np.Array => np.negative(np.abs(u));

/** The map between `low` and `high` itself, or that of log x between their logarithms; log 0 is no bound. */
function spaced(log: boolean, low: number, high: number): Transform {
  if (!log) return between(low, high);
  const ofLog = between(Math.log(Math.max(low, 0)), Math.log(high));
  return {
    apply: (u) => np.exp(ofLog.apply(u)),
    forward: (u) => clamp(Math.exp(ofLog.forward(u)), low, high),
    inverse: (x) => ofLog.inverse(Math.log(x)),
  };
}

/** floor(x), kept from `low` to `high` against rounding; derivatives are those of x. */
function floored(map: Transform, low: number, high: number): Transform {
  return {
    apply(u) {
      const x = map.apply(u);
      const still = lax.stopGradient(x.ref);
      const whole = np.clip(np.floor(still.ref), low, high);
      return whole.add(x.sub(still)); // the second term is 0, with x's derivative
    },
    forward: (u) => clamp(Math.floor(map.forward(u)), low, high),
    inverse: (x) => map.inverse(x + 0.5),
  };
}

/** An index of `count` options, without a derivative; only the host rounds it: programs get it whole. */
const indexed = (count: number): Transform => ({
  apply: (u) => lax.stopGradient(u),
  forward: (u) => clamp(Math.round(u), 0, count - 1),
  inverse: (x) => (Number.isInteger(x) && x >= 0 && x < count ? x : NaN),
});

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
