/**
 * NSGA-II (Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II", 2002).
 *
 * | symbol | meaning |
 * |---|---|
 * | N      | trials of a generation, even |
 * | P_t    | the parents of generation t: the best N of P_(t-1) and of generation t - 1 |
 * | Q_t    | generation t: trials t N to (t + 1) N - 1 |
 *
 * The best are those of the lower fronts, and within a front those of the greater crowding distance. Trials 2i and 2i + 1 are the two
 * children of one pair of parents, each the winner of a binary tournament: by front, then by crowding.
 *
 * All of it is computed anew from the history, so that nothing else needs to be kept. What the paper does not have:
 *
 * - Trials that failed, or still run when a child is wanted, are no parents.
 * - The first generation covers the space by Sobol points. One whose trials have all failed is drawn anew.
 * - Choices are crossed by taking either parent's and mutated by a draw; an integer that mutates moves by one at least. A hyperparameter that does not
 *   exist in one parent comes from the other.
 * - A child that was tried already is made again by other draws, while there are new ones to be found.
 */
import { partKey, streamKey, uniformsAt, type RandomKey } from "../util/random.ts";
import { ownOptions } from "../util/given.ts";
import { integer, number, probability, type ValueRule } from "../util/rule.ts";
import { EDGE } from "../space/unit.ts";
import { cellAround } from "./cells.ts";
import { coordinatesOf, fromPoint, randomPoint, settled, toPoint, type Coordinate } from "./coordinates.ts";
import { coverPoint } from "./cover-point.ts";
import { costsOf, violationOf, type Goals } from "./goals.ts";
import { historyOf } from "./history.ts";
import { crowdingDistances, nonDominatedSort, type Rated } from "./non-dominated-sort.ts";
import { lastResult } from "./last-result.ts";
import type { FinishedTrial, Sampler, SuggestRequest } from "./sampler.ts";
import { seenIn } from "./seen.ts";
import { polynomialMutation, simulatedBinaryCrossover } from "./variation.ts";

/** Settings of {@link nsga2}. */
export interface Nsga2Options {
  /** N: trials of a generation, even and at least 4; default 20. More finds more of the front, later. */
  readonly population?: number;
  /** Probability that a pair of parents is crossed at all; default 0.9. */
  readonly crossover?: number;
  /** η of the crossover: the larger, the nearer are children to their parents; default 20. */
  readonly crossoverIndex?: number;
  /** η of the mutation; default 20. */
  readonly mutationIndex?: number;
}

const evenFrom4: ValueRule<number> = {
  must: "an even number, at least 4",
  holds: (value) => integer(4).holds(value) && Number(value) % 2 === 0,
};

/**
 * A genetic algorithm for several objectives, such as loss and size: it spreads trials along the front of those that no other is better
 * than in all objectives. Bounds that must be kept come before objectives. For a hundred trials and more; for one objective others need
 * fewer.
 *
 * @see Deb et al. 2002, https://doi.org/10.1109/4235.996017
 * @throws {HypertrainError} if a setting is out of its range, or none of these.
 */
export function nsga2(options: Nsga2Options = {}): Sampler {
  const settings = ownOptions("nsga2", options, {
    population: evenFrom4,
    crossover: probability,
    crossoverIndex: number({ least: 0 }),
    mutationIndex: number({ least: 0 }),
  });
  const { population = 20, crossover = 0.9, crossoverIndex = 20, mutationIndex = 20 } = settings;
  const breeding = { crossover, crossoverIndex, mutationIndex };
  const remembered = lastResult(
    (_: SuggestRequest["space"], __: SuggestRequest["goals"]): Generation[] => [],
  );
  return {
    name: "nsga-2",
    severalObjectives: true,
    suggest(request) {
      const { space, seed, number } = request;
      const coordinates = coordinatesOf(space);
      const generation = Math.floor(number / population);
      const parents = parentsOf(request, generation, population, remembered(space, request.goals));
      if (parents.length === 0) {
        return fromPoint(space, coverPoint(streamKey(seed, "nsga-2 first"), number, coordinates.length));
      }
      const seen = seenIn(historyOf(space, request.trials));
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const key = streamKey(seed, `nsga-2 ${attempt}`);
        const point = settled(space, child(parents, coordinates, breeding, key, number));
        if (!seen(point)) return fromPoint(space, point);
      }
      return fromPoint(space, randomPoint(streamKey(seed, "nsga-2 anew"), number, coordinates.length));
    },
  };
}

/** How often a child that was tried already is made again. */
const ATTEMPTS = 10;

/** A trial as a parent, with how it compares. */
interface Parent extends Rated {
  readonly point: Float64Array;
}

/** A parent with its place: the lower front, then the greater distance, is better. */
interface Ranked extends Parent {
  readonly front: number;
  readonly distance: number;
}

/** What was made of a generation, by what it was made of. */
interface Generation {
  readonly before: readonly Ranked[];
  readonly born: readonly FinishedTrial[];
  readonly best: readonly Ranked[];
}

/** P_t. Generations that are remembered and have not changed are not compared again. */
function parentsOf(
  { space, trials, goals }: SuggestRequest,
  generations: number,
  population: number,
  remembered: Generation[],
): readonly Ranked[] {
  const byGeneration = Map.groupBy(trials, ({ number }) => Math.floor(number / population));
  let best: readonly Ranked[] = NOBODY;
  for (let t = 0; t < generations; t++) {
    const before = best;
    const born = (byGeneration.get(t) ?? [])
      .filter((trial) => trial.state === "finished")
      .sort((a, b) => a.number - b.number);
    const known = remembered[t];
    if (known?.before === before && same(known.born, born)) best = known.best;
    else {
      const parents = born.map((trial) => ({
        point: toPoint(space, trial.values),
        ...ratedTrial(trial, goals),
      }));
      best = bestOf([...before, ...parents.filter(isComparable)], population);
      remembered[t] = { before, born, best };
    }
  }
  return best;
}

const NOBODY: readonly Ranked[] = [];

const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);

const isComparable = ({ costs, violation }: Rated): boolean =>
  costs.every(Number.isFinite) && violation < Infinity;

function ratedTrial({ value, measures = {} }: FinishedTrial, goals?: Goals): Rated {
  if (!goals) return { costs: [value], violation: 0 };
  return { costs: costsOf(measures, goals.objectives), violation: violationOf(measures, goals.bounds) };
}

/** The best `count` of some trials, with their places among these. */
function bestOf(trials: readonly Parent[], count: number): readonly Ranked[] {
  const best: Ranked[] = [];
  for (const [front, members] of nonDominatedSort(trials).entries()) {
    const own = members.map((i) => trials[i] as Parent);
    const distances = crowdingDistances(own);
    const ranked = own.map((trial, i) => ({ ...trial, front, distance: distances[i] as number }));
    const room = count - best.length;
    if (room < ranked.length)
      ranked.sort((a, b) => (a.distance === b.distance ? 0 : b.distance - a.distance));
    best.push(...ranked.slice(0, room));
    if (best.length >= count) break;
  }
  return best;
}

type Breeding = Required<Omit<Nsga2Options, "population">>;

/** The point of a child; what exists in neither parent is drawn. */
function child(
  parents: readonly Ranked[],
  coordinates: readonly Coordinate[],
  { crossover, crossoverIndex, mutationIndex }: Breeding,
  key: RandomKey,
  number: number,
): Float64Array {
  const d = coordinates.length;
  const side = number % 2;
  const shared = drawn(partKey(key, "pair"), (number - side) / 2, 5 + 3 * d); // by both children of a pair
  const own = drawn(partKey(key, "child"), number, 2 * d);
  const mother = winner(parents, shared(0), shared(1));
  const father = winner(parents, shared(2), shared(3));
  const crossed = shared(4) < crossover;
  return Float64Array.from(coordinates, (coordinate, j) => {
    const pair = [mother.point[j] as number, father.point[j] as number] as const;
    const [a, b] = [Number.isNaN(pair[0]) ? pair[1] : pair[0], Number.isNaN(pair[1]) ? pair[0] : pair[1]];
    const [chance, spread, swap] = [0, 1, 2].map((k) => shared(5 + 3 * j + k)) as [number, number, number];
    const [mutates, amount] = [own(2 * j), own(2 * j + 1)];
    if (Number.isNaN(a)) return amount;
    const here = crossed && chance < 0.5; // each coordinate by itself
    const both = here ? crossedAt(coordinate, [a, b], crossoverIndex, spread) : [a, b];
    const x = both[here && swap < 0.5 ? 1 - side : side] as number;
    return mutates < 1 / d ? mutatedAt(coordinate, x, mutationIndex, amount) : x;
  });
}

/** Uniforms by their places. */
function drawn(key: RandomKey, step: number, count: number): (place: number) => number {
  const uniforms = uniformsAt(key, step, count);
  return (place) => (uniforms[place] as number) + EDGE;
}

/** The better of two parents drawn. */
function winner(parents: readonly Ranked[], u: number, v: number): Ranked {
  const [a, b] = [u, v].map((place) => parents[Math.floor(place * parents.length)] as Ranked) as [
    Ranked,
    Ranked,
  ];
  const better = a.front - b.front || (a.distance === b.distance ? 0 : b.distance - a.distance);
  return better <= 0 ? a : b;
}

const crossedAt = (
  { hyper }: Coordinate,
  parents: readonly [number, number],
  eta: number,
  u: number,
): readonly [number, number] =>
  hyper.kind === "choice" ? parents : simulatedBinaryCrossover(parents, eta, u);

function mutatedAt({ hyper, cells }: Coordinate, x: number, eta: number, u: number): number {
  if (hyper.kind === "choice") return u;
  const moved = polynomialMutation(x, eta, u);
  const [low, high] = cellAround(hyper, x);
  if (hyper.kind === "real" || cells === 1 || moved < low || moved >= high) return moved;
  const up = low <= 0 || (high < 1 && u >= 0.5); // one step at least
  return up ? high + EDGE : low - EDGE;
}
