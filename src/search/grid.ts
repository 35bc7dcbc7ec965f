import type { HyperValues } from "../space/space.ts";
import { unitPlace } from "../space/unit.ts";
import { inputError } from "../util/error.ts";
import { streamKey, permutationAt } from "../util/random.ts";
import type { SearchSpace } from "./conditions.ts";
import { coordinatesOf, fromPoint, settled, type Coordinate } from "./coordinates.ts";
import { lastResult } from "./last-result.ts";
import type { Sampler } from "./sampler.ts";
import { nearest } from "../util/nearest.ts";
import { ownOptions } from "../util/given.ts";
import { byName, count, either } from "../util/rule.ts";
import { briefText } from "../util/brief-text.ts";

/** Settings of {@link grid}. */
export interface GridOptions {
  /** Points of each real hyperparameter, or of some by name, the others having 5; default 5. */
  readonly points?: number | Readonly<Record<string, number>>;
  /** A larger grid is refused; default 1e6. */
  readonly most?: number;
}

/**
 * Grid search: every combination of all choices, all integers and `points` values of each real hyperparameter, the centres of
 * equal cells of its range (of its logarithm on a log scale), so that all lie strictly inside.
 *
 * The order is shuffled by the seed: a grid that is stopped early is a random sample of itself. After `size` trials it starts again;
 * until then no point is suggested twice, nor one that was tried already since somebody enqueued it.
 * Combinations that differ only in hyperparameters which a condition switches off are one. The number of trials grows as a power of
 * the number of hyperparameters; for more than three, random search covers each of them better.
 *
 * @throws {HypertrainError} if a setting is no whole number, at least 1, or none of these; when it is used, if `points` names what the space
 *   does not have, or the grid has more than `most` points.
 */
export function grid(options: GridOptions = {}): Sampler {
  const { points = 5, most = 1e6 } = ownOptions("grid", options, {
    points: either(count, byName(count)),
    most: count,
  });
  const cellsIn = lastResult((space: SearchSpace) => gridOf(space, points, most));
  const ordered = lastResult((seed: number, size: number) =>
    permutationAt(streamKey(seed, "grid search"), 0, size),
  );
  return {
    name: "grid",
    severalObjectives: true,
    size: (space) => cellsIn(space).size,
    suggest({ space, trials, seed, number }) {
      const { size, at } = cellsIn(space);
      const order = ordered(seed, size);
      const own = at(order[number % size] as number);
      const isOpen = (point: HyperValues) => !trials.some(({ values }) => isSame(space, values, point));
      if (number >= size || isOpen(own)) return own;
      for (const index of order) {
        const point = at(index); // one that gave way to what was enqueued
        if (isOpen(point)) return point;
      }
      return own;
    },
  };
}

const isSame = ({ names }: SearchSpace, a: Readonly<HyperValues>, b: Readonly<HyperValues>): boolean =>
  names.every(
    (name) => a[name] === b[name] || (Array.isArray(a[name]) && String(a[name]) === String(b[name])),
  );

interface Grid {
  readonly size: number;
  /** The combination of a number below `size`. */
  at(index: number): HyperValues;
}

/** The factors of a product, as far as people read them. */
const productOf = (counts: readonly number[]): string =>
  counts.length <= 12
    ? counts.join(" x ")
    : `${counts.slice(0, 6).join(" x ")} x ..., ${counts.length} in all`;

function gridOf(space: SearchSpace, points: GridOptions["points"], most: number): Grid {
  const coordinates = coordinatesOf(space);
  demandOf(space, points);
  const counts = coordinates.map(({ name, cells }) =>
    cells < Infinity ? cells : typeof points === "number" ? points : (points?.[name] ?? 5),
  );
  const product = counts.reduce((size, count) => size * count, 1);
  if (product > most) {
    throw inputError(
      `a grid must have at most ${most} points, but got ${product} (${productOf(counts)}); give fewer points, or search at random`,
    );
  }
  const pointOf = (levels: readonly number[]): Float64Array =>
    Float64Array.from(coordinates, (coordinate, j) =>
      placeOf(coordinate, levels[j] as number, counts[j] as number),
    );
  const valuesOf = (index: number) => fromPoint(space, pointOf(levelsOf(index, counts)));
  if (!space.conditions) return { size: product, at: valuesOf };
  const distinct = Array.from({ length: product }, (_, i) => i).filter((i) => {
    const levels = levelsOf(i, counts);
    return settled(space, pointOf(levels)).every((t, j) => !Number.isNaN(t) || levels[j] === 0);
  });
  return { size: distinct.length, at: (index) => valuesOf(distinct[index] as number) };
}

/** Demands that points are given of the space's hyperparameters. @throws {HypertrainError} */
function demandOf({ hypers, names }: SearchSpace, points: GridOptions["points"]): void {
  const other = Object.keys(typeof points === "object" ? points : {}).find(
    (name) => !Object.hasOwn(hypers, name),
  );
  if (other === undefined) return;
  throw inputError(
    `points of a grid must be of the hyperparameters ${names.join(", ")}, but got ${briefText(other)}${nearest(other, names) || "; leave it out"}`,
  );
}

/** Mixed radix: the last coordinate changes fastest. */
function levelsOf(index: number, counts: readonly number[]): readonly number[] {
  let rest = index;
  return counts
    .toReversed()
    .map((count) => {
      const level = rest % count;
      rest = (rest - level) / count;
      return level;
    })
    .reverse();
}

/** The k-th of `count` values on [0, 1]. */
const placeOf = ({ hyper }: Coordinate, k: number, count: number): number =>
  hyper.kind === "integer" ? unitPlace(hyper, hyper.low + k) : (k + 0.5) / count;
