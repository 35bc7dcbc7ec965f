/**
 * The hyperparameters of a problem: natural units at every edge, one unconstrained vector inside.
 *
 * The vector holds the hyperparameters in the order of their names, those with a shape flattened row-major. A choice is one
 * coordinate, the index of its option: programs and samplers need it there, but it is no number to differentiate by.
 */
import type { numpy as np } from "@jax-js/jax";

import { inputError } from "../util/error.ts";
import { demandGiven } from "../util/given.ts";
import { sizeOf } from "../util/host-array.ts";
import { named, objectWith } from "../util/rule.ts";
import { briefText } from "../util/brief-text.ts";
import { perturbationOf, type Perturbation, type PerturbationSharing } from "./perturbation.ts";
import { softplus, transformOf } from "./transform.ts";
import { validateHyper } from "./validate.ts";
import type { ChoiceValue, Hyper, SpaceHypers, HyperValues } from "./values.ts";

export type { Hyper, SpaceHypers, HyperValues } from "./values.ts";

/** Hyperparameters by name, in order; made by {@link createSpace}. */
export interface Space<H extends SpaceHypers = SpaceHypers> {
  readonly names: readonly string[];
  readonly hypers: H;
  /** Length of the unconstrained vector. */
  readonly size: number;
}

/** What a space must be. */
export const aSpace = objectWith<Space>("a space, which createSpace() makes", {
  names: "object",
  hypers: "object",
  size: "number",
});

/**
 * Checks hyperparameters and makes a space of them.
 *
 * ```ts
 * createSpace({ dropout: real(0.05, { low: 0, high: 0.95 }), holes: integer(1, { low: 0, high: 5 }) });
 * ```
 *
 * @throws {HypertrainError} if one of them is impossible, for example `low >= high` or a start on the range's boundary.
 */
export function createSpace<H extends SpaceHypers>(hypers: H): Space<H> {
  demandGiven("createSpace", { hypers }, { hypers: named("hyperparameters") });
  if (![Object.prototype, null].includes(Object.getPrototypeOf(hypers) as object | null)) {
    throw inputError(
      "hyperparameters must come in a plain object, but got one with a prototype of its own; no hyperparameter can be called __proto__",
    );
  }
  for (const [name, hyper] of Object.entries(hypers)) validateHyper(name, hyper);
  return Object.freeze({
    names: Object.freeze(Object.keys(hypers)),
    hypers: Object.freeze({ ...hypers }),
    size: Object.values(hypers).reduce((size, hyper) => size + widthOf(hyper), 0),
  });
}

/** The unconstrained vector of the starts: [size]. */
export const unconstrainedStart = (space: Space): Float64Array =>
  perCoordinate(space, (hyper) => transformOf(hyper).inverse(numberOf(hyper, hyper.start)));

/** The starts in natural units: all elements of a hyperparameter with a shape start at the same value. */
export const startValues = (space: Space): HyperValues => naturalValues(space, unconstrainedStart(space));

/** The s with softplus(s) = scale, the perturbations' first standard deviations: [size]. */
export const initialScales = (space: Space): Float64Array =>
  perCoordinate(space, (hyper) => softplus.inverse(perturbationFor(hyper).scale));

/** 1 where the perturbation's scale may be tuned, else 0: [size]. */
export const tunableScales = (space: Space): Float64Array =>
  perCoordinate(space, (hyper) => (perturbationFor(hyper).tuneScale ? 1 : 0));

/** Whether each coordinate of the unconstrained vector is on a log scale. */
export const onLogScale = (space: Space): readonly boolean[] =>
  blocksOf(space).flatMap(({ hyper, width }) =>
    Array<boolean>(width).fill(hyper.kind !== "choice" && hyper.log),
  );

/** The hyperparameter that each coordinate of the unconstrained vector belongs to. */
export const coordinateNames = (space: Space): readonly string[] =>
  blocksOf(space).flatMap(({ name, width }) => Array<string>(width).fill(name));

/** Whether each coordinate of the unconstrained vector is perturbed by example or by minibatch. */
export const perturbationColumns = (space: Space): readonly PerturbationSharing[] =>
  blocksOf(space).flatMap(({ hyper, width }) =>
    Array<PerturbationSharing>(width).fill(perturbationFor(hyper).perturb),
  );

/**
 * The unconstrained vector of natural values: [size]. An integer becomes the centre of its cell, a choice its option's index.
 *
 * @throws {HypertrainError} if a value is missing, unknown, of the wrong length or not strictly inside its range.
 */
export function toUnconstrained(space: Space, values: Readonly<HyperValues>): Float64Array {
  demandGiven("toUnconstrained", { space, values }, { space: aSpace, values: named("values") });
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(space.hypers, name));
  if (unknown !== undefined) {
    throw inputError(
      `values must be of the hyperparameters ${space.names.join(", ")}, but got "${unknown}"; mend the name`,
    );
  }
  const u = new Float64Array(space.size);
  for (const { name, hyper, at, width } of blocksOf(space)) {
    const natural = hyper.kind === "choice" ? [values[name]] : numbersOf(name, values[name], width);
    const { inverse } = transformOf(hyper);
    natural.forEach((x, i) => (u[at + i] = insideOf(name, hyper, x, inverse(numberOf(hyper, x)))));
  }
  return u;
}

/**
 * The natural values of an unconstrained vector [size]; of a choice the option itself.
 *
 * @throws {HypertrainError} if the vector's length is not the space's size.
 */
export function toNatural(space: Space, u: ArrayLike<number>): HyperValues {
  demandGiven("toNatural", { space, u }, { space: aSpace, u: objectWith("a vector", { length: "number" }) });
  return naturalValues(space, u);
}

/** {@link toNatural} of what is known to be a space and a vector. @throws {HypertrainError} if its length is not the space's size. */
export function naturalValues(space: Space, u: ArrayLike<number>): HyperValues {
  if (u.length !== space.size) {
    throw inputError(
      `an unconstrained vector must have the space's ${space.size} coordinates, but got ${u.length}; make it of this space`,
    );
  }
  return byName(space, ({ hyper, at, width }) => {
    const { forward } = transformOf(hyper);
    const natural = Array.from({ length: width }, (_, i) => forward(u[at + i] as number));
    if (hyper.kind === "choice") return hyper.options[natural[0] as number] as ChoiceValue;
    return hyper.shape.length === 0 ? (natural[0] as number) : natural;
  });
}

/**
 * Natural values inside programs, one row per example or one for all: each [rows] or [rows, ...shape]; of a choice the index of
 * its option.
 *
 * Differentiable; an integer's derivative is that of the real number behind it.
 *
 * @param u unconstrained values, [rows, size], consumed
 */
export function naturalArrays(space: Space, u: np.Array): Record<string, np.Array> {
  const rows = u.shape[0] as number;
  const arrays = byName(space, ({ hyper, at, width }) => {
    const block = u.ref.slice([], [at, at + width]).reshape([rows, ...shapeOf(hyper)]);
    return transformOf(hyper).apply(block); // [rows, ...shape]
  });
  u.dispose();
  return arrays;
}

/**
 * Natural values outside of programs, of some hyperparameters without a shape: [rows] each.
 *
 * @param u the unconstrained value of a row's coordinate
 */
export const naturalColumns = (
  space: Space,
  names: readonly string[],
  rows: number,
  u: (row: number, coordinate: number) => number,
): Record<string, Float64Array> =>
  Object.fromEntries(
    blocksOf(space)
      .filter(({ name }) => names.includes(name))
      .map(({ name, hyper, at }) => {
        const { forward } = transformOf(hyper);
        return [name, Float64Array.from({ length: rows }, (_, row) => forward(u(row, at)))];
      }),
  );

/**
 * The natural values one scale to either side, `u - sigma` and `u + sigma`, for reports; over all elements of a
 * hyperparameter with a shape. Both vectors are [size]. Choices are absent.
 */
export function naturalBand(
  space: Space,
  u: ArrayLike<number>,
  sigma: ArrayLike<number>,
): Record<string, { low: number; high: number }> {
  const bands = byName(space, ({ hyper, at, width }) => {
    if (hyper.kind === "choice") return undefined;
    const { forward } = transformOf(hyper);
    let [low, high] = [Infinity, -Infinity];
    for (let k = at; k < at + width; k++) {
      for (const side of [-1, 1]) {
        const end = forward((u[k] as number) + side * (sigma[k] as number)); // a map may mirror
        low = Math.min(low, end);
        high = Math.max(high, end);
      }
    }
    return { low, high };
  });
  return Object.fromEntries(Object.entries(bands).flatMap(([name, band]) => (band ? [[name, band]] : [])));
}

/** Where a hyperparameter lies in the unconstrained vector. */
export interface HyperBlock {
  readonly name: string;
  readonly hyper: Hyper;
  readonly at: number;
  readonly width: number;
}

/** The hyperparameters with their places in the unconstrained vector, in order. */
export function blocksOf({ hypers }: Space): HyperBlock[] {
  let end = 0;
  return Object.entries(hypers).map(([name, hyper]) => {
    const width = widthOf(hyper);
    end += width;
    return { name, hyper, at: end - width, width };
  });
}

const shapeOf = (hyper: Hyper): readonly number[] => (hyper.kind === "choice" ? [] : hyper.shape);

const widthOf = (hyper: Hyper): number => sizeOf(shapeOf(hyper));

/** Methods that perturb refuse choices; the columns of one are there all the same. */
const perturbationFor = (hyper: Hyper): Perturbation => (hyper.kind === "choice" ? unperturbed : hyper);

const unperturbed = perturbationOf({ tuneScale: false, perturb: "minibatch" });

/** A natural value as a number: of a choice the index of its option, NaN for what is none. */
function numberOf(hyper: Hyper, value: HyperValues[string] | undefined): number {
  if (hyper.kind !== "choice") return value as number;
  const index = hyper.options.indexOf(value as ChoiceValue);
  return index < 0 ? NaN : index;
}

const byName = <T>(space: Space, of: (block: HyperBlock) => T): Record<string, T> =>
  Object.fromEntries(blocksOf(space).map((block) => [block.name, of(block)]));

const perCoordinate = (space: Space, of: (hyper: Hyper) => number): Float64Array =>
  Float64Array.from(blocksOf(space).flatMap(({ hyper, width }) => Array<number>(width).fill(of(hyper))));

function numbersOf(name: string, value: HyperValues[string] | undefined, width: number): readonly number[] {
  const numbers = Array.isArray(value) ? (value as readonly number[]) : [value];
  if (numbers.length !== width || !numbers.every((x) => typeof x === "number")) {
    throw inputError(
      `hyperparameter "${name}" must have ${width === 1 ? "one number" : `${width} numbers`}, but got ${value === undefined ? "none" : briefText(value)}; give as many as its shape holds`,
    );
  }
  return numbers;
}

function insideOf(name: string, hyper: Hyper, x: HyperValues[string] | undefined, u: number): number {
  if (Number.isFinite(u) && (hyper.kind !== "integer" || Number.isInteger(x))) return u;
  const got = x === undefined ? "none" : briefText(x);
  throw inputError(
    `a value of hyperparameter "${name}" must be ${rangeOf(hyper)}, but got ${got}; ${hyper.kind === "choice" ? "choose one of them" : "move it inside"}`,
  );
}

function rangeOf(hyper: Hyper): string {
  if (hyper.kind === "choice") return `one of ${hyper.options.map((o) => JSON.stringify(o)).join(", ")}`;
  const { kind, low, high } = hyper;
  return kind === "integer"
    ? `an integer from ${low} to ${high}`
    : `strictly between ${low ?? "-Infinity"} and ${high ?? "Infinity"}`;
}
