/**
 * Hyperparameters as points of the unit cube, which is where samplers work.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | d      | number of coordinates: one for each hyperparameter, or for each element of one with a shape | |
 * | x      | a point: each coordinate on (0, 1) by `unitPlace`, or NaN where its hyperparameter does not exist | [d] |
 */
import type { ChoiceValue } from "../space/values.ts";
import type { Hyper, HyperValues } from "../space/space.ts";
import { transformOf } from "../space/transform.ts";
import { EDGE, naturalAt, unitPlace } from "../space/unit.ts";
import { inputError } from "../util/error.ts";
import { sizeOf } from "../util/host-array.ts";
import { briefText } from "../util/brief-text.ts";
import { uniformsAt, type RandomKey } from "../util/random.ts";
import { existsIn, type SearchSpace } from "./conditions.ts";

/** One number to choose. */
export interface Coordinate {
  /** The hyperparameter that it is, or is an element of. */
  readonly name: string;
  readonly hyper: Hyper;
  /** Which element of the hyperparameter; 0 for a single one. */
  readonly element: number;
  /** How many different values it has: infinity for a real one. */
  readonly cells: number;
}

/**
 * The coordinates of a space, in the order of its names.
 *
 * @throws {HypertrainError} if a range is not finite: there is nothing to spread points over.
 */
export function coordinatesOf(space: SearchSpace): readonly Coordinate[] {
  const found = remembered.get(space);
  if (found) return found;
  const made = Object.entries(space.hypers).flatMap(([name, hyper]) => {
    naturalAt(hyper, 0.5); // refuses ranges that are not finite
    const cells = cellsOf(hyper);
    return Array.from({ length: elementsOf(hyper) }, (_, element) => ({ name, hyper, element, cells }));
  });
  remembered.set(space, made);
  return made;
}

/**
 * The point of natural values. Values that are frozen are converted once.
 *
 * @throws {HypertrainError} if a value that exists is missing or outside its range.
 */
export function toPoint(space: SearchSpace, values: Readonly<HyperValues>): Float64Array {
  if (!Object.isFrozen(values)) return converted(space, values);
  let points = converts.get(space);
  if (!points) converts.set(space, (points = new WeakMap()));
  let point = points.get(values);
  if (!point) points.set(values, (point = converted(space, values)));
  return point;
}

/** The natural values of a point, without those that a condition switches off. NaN where a value exists is refused. */
export function fromPoint(space: SearchSpace, point: ArrayLike<number>): HyperValues {
  const all: Record<string, HyperValues[string]> = {};
  const lists: Record<string, number[]> = {};
  coordinatesOf(space).forEach(({ name, hyper, element }, j) => {
    const t = point[j] as number;
    const value = Number.isNaN(t) ? undefined : valueAt(hyper, t);
    if (value === undefined) return;
    if (elementwise(hyper)) ((all[name] = lists[name] ??= []) as number[])[element] = value as number;
    else all[name] = value;
  });
  if (!space.conditions) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => existsIn(space, name, all)));
}

/** The point that {@link fromPoint} and {@link toPoint} give back: on the centres of cells, NaN for what does not exist. */
export const settled = (space: SearchSpace, point: ArrayLike<number>): Float64Array =>
  toPoint(space, fromPoint(space, point));

/** A point of `size` coordinates, uniform on the unit cube and strictly inside, at `step` of a stream. */
export const randomPoint = (key: RandomKey, step: number, size: number): Float64Array =>
  Float64Array.from(uniformsAt(key, step, size), (u) => u + EDGE); // the centres of 2^24 cells

/** `t` at least {@link EDGE} away from 0 and 1. */
export const inside = (t: number): number => Math.min(Math.max(t, EDGE), 1 - EDGE);

/** The value at `t`, of a real hyperparameter strictly inside its range: the start where rounding carries it to an end. */
function valueAt(hyper: Hyper, t: number): ChoiceValue {
  if (hyper.kind !== "real") return naturalAt(hyper, t);
  const value = naturalAt(hyper, inside(t)) as number;
  return Number.isFinite(transformOf(hyper).inverse(value)) ? value : hyper.start;
}

const remembered = new WeakMap<SearchSpace, readonly Coordinate[]>();
const converts = new WeakMap<SearchSpace, WeakMap<Readonly<HyperValues>, Float64Array>>();

function converted(space: SearchSpace, values: Readonly<HyperValues>): Float64Array {
  return Float64Array.from(coordinatesOf(space), ({ name, hyper, element }) => {
    if (!existsIn(space, name, values)) return NaN;
    const value = values[name];
    if (value === undefined) {
      throw inputError(
        `a trial must have a value of every hyperparameter of its space, but "${name}" has none; give one, or condition it`,
      );
    }
    if (!elementwise(hyper)) return unitPlace(hyper, value as ChoiceValue, `"${name}"`);
    if (!Array.isArray(value) || value.length !== elementsOf(hyper)) {
      throw inputError(
        `a trial must have a list of ${elementsOf(hyper)} numbers of "${name}", but got ${briefText(value)}; give as many as its shape holds`,
      );
    }
    return unitPlace(hyper, value[element] as number, `"${name}"`);
  });
}

const elementwise = (hyper: Hyper): boolean => hyper.kind !== "choice" && hyper.shape.length > 0;

const elementsOf = (hyper: Hyper): number => (hyper.kind === "choice" ? 1 : sizeOf(hyper.shape));

function cellsOf(hyper: Hyper): number {
  if (hyper.kind === "real") return Infinity;
  return hyper.kind === "choice" ? hyper.options.length : hyper.high - hyper.low + 1;
}
