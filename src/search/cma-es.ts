import { streamKey, normalsAt, type RandomKey } from "../util/random.ts";
import { cellAround } from "./cells.ts";
import type { SearchSpace } from "./conditions.ts";
import { coordinatesOf, fromPoint, inside, randomPoint, type Coordinate } from "./coordinates.ts";
import { adapted, firstDistribution, pointAt, type SearchDistribution } from "./covariance-adaptation.ts";
import { historyOf, type History } from "./history.ts";
import type { Sampler } from "./sampler.ts";
import { ownOptions } from "../util/given.ts";
import { integer, number } from "../util/rule.ts";

/** Settings of {@link cmaEs}. */
export interface CmaEsOptions {
  /** Trials of a generation, lambda, at least 4; by default 4 + floor(3 log d) for d numbers. More is slower and surer. */
  readonly population?: number;
  /** The first step size, as a share of every range; default 0.3. */
  readonly stepSize?: number;
}

/**
 * CMA-ES: generations of trials around a mean, with a covariance that learns the directions in which trials improve. For some hundreds
 * to thousands of trials over real hyperparameters that depend on each other; with fewer than ten generations it is little better than
 * random search. See `covariance-adaptation.ts` for the method.
 *
 * Trials k lambda to (k + 1) lambda - 1 are generation k, which is drawn from what is known of all before: the whole strategy is
 * computed anew from the history, so that nothing else needs to be kept. Trials that still run then are left behind those that ended.
 * Points beyond a range are reflected into it. Integers are steps of real numbers; choices are drawn at random, and a
 * hyperparameter that does not exist in a trial stays what was drawn for it.
 *
 * @throws {HypertrainError} if a setting is out of its range, or none of these.
 */
export function cmaEs(options: CmaEsOptions = {}): Sampler {
  const { population, stepSize = 0.3 } = ownOptions("cmaEs", options, {
    population: integer(4),
    stepSize: number({ above: 0, most: 1 }),
  });
  return {
    name: "cma-es",
    suggest({ space, trials, seed, number, goals }) {
      const coordinates = coordinatesOf(space);
      const numeric = coordinates.flatMap(({ hyper }, j) => (hyper.kind === "choice" ? [] : [j]));
      const d = numeric.length;
      const point = randomPoint(streamKey(seed, "cma-es choices"), number, coordinates.length);
      if (d === 0) return fromPoint(space, point);
      const lambda = population ?? 4 + Math.floor(3 * Math.log(d));
      const strategy = { space, numeric, lambda, key: streamKey(seed, "cma-es") };
      const start = firstDistribution(new Float64Array(d).fill(0.5), stepSize);
      const now = replayed(strategy, historyOf(space, trials, goals), start, Math.floor(number / lambda));
      const drawn = drawnAt(strategy, now, number);
      numeric.forEach((j, i) => (point[j] = drawn[i] as number));
      return fromPoint(space, point);
    },
  };
}

interface Strategy {
  readonly space: SearchSpace;
  /** The coordinates that are no choices. [d] */
  readonly numeric: readonly number[];
  readonly lambda: number;
  readonly key: RandomKey;
}

/** The distribution after so many generations. One of which no trial ended changes nothing. */
function replayed(
  strategy: Strategy,
  { points, losses, numbers }: History,
  start: SearchDistribution,
  generations: number,
): SearchDistribution {
  const places = new Map(numbers.map((number, i) => [number, i]));
  let now = start;
  for (let generation = 0; generation < generations; generation++) {
    const members = Array.from({ length: strategy.lambda }, (_, k) => {
      const number = generation * strategy.lambda + k;
      const place = places.get(number);
      const drawn = drawnAt(strategy, now, number);
      return place === undefined
        ? { point: drawn, loss: Infinity }
        : { point: told(strategy, drawn, points[place] as Float64Array), loss: losses[place] as number };
    });
    if (members.every(({ loss }) => loss === Infinity)) continue;
    members.sort((a, b) => (a.loss < b.loss ? -1 : a.loss > b.loss ? 1 : 0)); // stable: the older of equals first
    now = adapted(
      now,
      members.map(({ point }) => point),
    );
  }
  return now;
}

/** The numeric coordinates that a distribution gives to a trial, reflected into the unit cube. [d] */
const drawnAt = ({ numeric, key }: Strategy, now: SearchDistribution, number: number): Float64Array =>
  pointAt(now, normalsAt(key, number, numeric.length)).map((t) => inside(reflected(t)));

function reflected(t: number): number {
  const within = Math.abs(t) % 2;
  return within > 1 ? 2 - within : within;
}

/**
 * What a trial tried, from what was drawn for it and where it is: the same, but an integer's draw before it was rounded. A trial that
 * was given by someone else is where it is.
 */
function told({ space, numeric }: Strategy, drawn: Float64Array, point: Float64Array): Float64Array {
  const coordinates = coordinatesOf(space);
  return drawn.map((t, i) => {
    const j = numeric[i] as number;
    const at = point[j] as number;
    const [low, high] = cellAround((coordinates[j] as Coordinate).hyper, t);
    return Number.isNaN(at) || (low - ROUNDING <= at && at <= high + ROUNDING) ? t : at;
  });
}

const ROUNDING = 1e-9;
