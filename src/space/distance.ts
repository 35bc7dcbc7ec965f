/**
 * How far hyperparameters have moved, in a measure that is the same for all of them.
 *
 * | symbol | meaning |
 * |---|---|
 * | x, y | a hyperparameter before and after, in natural units |
 * | a    | one of its bounds; 0 where it has none, or is on a log scale |
 * | f    | a twentieth of its range; 0 where this is open, or on a log scale |
 *
 * The distance is abs(log((abs(y - a) + f) / (abs(x - a) + f))), of two bounds the larger one: a factor of e is a distance of 1, but for what lies as near to a
 * bound as f or nearer, of which a factor changes little: a dropout rate of .0001 or .0002 is none. It is infinite where a number has changed its sign, and where
 * a choice is another.
 */
import type { HyperPoint } from "../api/trace.ts";
import { meanOf, mostOf } from "../util/statistics.ts";
import type { Space } from "./space.ts";
import type { TunableHyper } from "./transform.ts";

/** The distance from which a hyperparameter has moved far, and below which it has hardly moved: on a log scale a factor of 1.6. */
export const FAR = 0.5;

/** The distance below which hyperparameters are as good as held: on a log scale a twentieth. */
export const NEAR = 0.05;

/** The way of one hyperparameter. */
export interface HyperWay {
  readonly name: string;
  readonly from: HyperPoint;
  readonly to: HyperPoint;
  readonly distance: number;
}

/**
 * The hyperparameter that has moved the most, and how far; of one with elements the farthest of them, or their mean where the points have been thinned. Undefined
 * where there is none.
 */
export function farthestWay(
  from: Readonly<Record<string, HyperPoint>>,
  to: Readonly<Record<string, HyperPoint>>,
  { hypers }: Space,
): HyperWay | undefined {
  const ways = Object.entries(from).map(([name, start]): HyperWay => {
    const end = to[name] ?? start;
    return { name, from: start, to: end, distance: distanceBetween(hypers[name], start, end) };
  });
  return ways.reduce<HyperWay | undefined>(
    (most, way) => (most && most.distance >= way.distance ? most : way),
    undefined,
  );
}

/** The largest distance over the elements; of those that a trace has thinned, that between their means. */
function distanceBetween(
  hyper: Space["hypers"][string] | undefined,
  from: HyperPoint,
  to: HyperPoint,
): number {
  if (!hyper || hyper.kind === "choice") return from.value === to.value ? 0 : Infinity;
  const thinned = from.elements !== undefined || to.elements !== undefined;
  const numbersOf = ({ value }: HyperPoint): number[] => {
    const numbers = [value].flat() as number[]; // it is no choice
    return thinned ? [meanOf(numbers)] : numbers;
  };
  const ends = numbersOf(to);
  return mostOf(numbersOf(from).map((start, i) => distance(hyper, start, ends[i] as number)));
}

/** By the logarithm of how many times farther from a bound, or from 0 where there is none. */
function distance({ log, low, high }: TunableHyper, from: number, to: number): number {
  if (from === to) return 0;
  const bounds = log ? [] : [low, high].filter((bound) => bound !== undefined);
  if (bounds.length === 0) return farther(from, to);
  const floor = low === undefined || high === undefined ? 0 : AT_BOUND * (high - low);
  return mostOf(bounds.map((bound) => farther(Math.abs(from - bound) + floor, Math.abs(to - bound) + floor)));
}

/** The share of a range that is as good as its bound. */
const AT_BOUND = 1 / 20;

const farther = (from: number, to: number): number => {
  const times = Math.abs(Math.log(to / from));
  return Number.isNaN(times) ? Infinity : times; // it has changed its sign
};
