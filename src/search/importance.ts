/**
 * How much each hyperparameter decides whether a trial is among the best: PED-ANOVA (Watanabe, Bansal and Hutter, "PED-ANOVA: efficiently
 * quantifying hyperparameter importance in arbitrary subspaces", IJCAI 2023).
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | x_d    | a coordinate of a trial on (0, 1), by the space's scale | |
 * | p      | the density of x_d over all trials, as masses of cells | [cells] |
 * | q      | the same over the best trials | [cells] |
 * | v_d    | the marginal's variance: the sum over cells of p (q / p - 1)^2, equation 16 of the paper up to a factor that all share | |
 *
 * Importances are the v_d divided by their sum. A forest is not fitted, so that it takes a moment for a hundred thousand trials.
 */
import type { HyperValues } from "../space/space.ts";
import { coordinatesOf, toPoint, type Coordinate } from "./coordinates.ts";
import type { SearchSpace } from "./conditions.ts";
import { ownOptions } from "../util/given.ts";
import { number } from "../util/rule.ts";

/** A trial that came to a loss. */
export interface Evaluated {
  readonly values: Readonly<HyperValues>;
  readonly loss: number;
}

/** How importances are taken. */
export interface ImportanceOptions {
  /** The part of all trials that counts as the best; default 0.1. */
  readonly top?: number;
}

/** The cells of a continuous coordinate. */
const CELLS = 64;

/**
 * The importance of every hyperparameter, by name: they add up to 1, or are all 0 where nothing tells the best trials from the others, as
 * where all losses are equal. Trials as good as the last of the best are among the best.
 *
 * Says nothing of how hyperparameters act together, and needs trials that cover the space: below some fifty the order is mostly chance. A
 * sampler that learns draws all trials towards the best ones, which makes importances smaller than random trials would.
 */
export function importances(
  space: SearchSpace,
  trials: readonly Evaluated[],
  options: ImportanceOptions = {},
): Readonly<Record<string, number>> {
  const { top = 0.1 } = ownOptions("importances", options, { top: number({ above: 0, most: 1 }) });
  const sorted = trials.filter(({ loss }) => Number.isFinite(loss)).sort((a, b) => a.loss - b.loss);
  const last = sorted[Math.min(sorted.length, Math.max(Math.ceil(top * sorted.length), 5)) - 1];
  const best = last ? sorted.findLastIndex(({ loss }) => loss === last.loss) + 1 : 0;
  const points = sorted.map(({ values }) => toPoint(space, values));
  const variances = new Map<string, number>();
  coordinatesOf(space).forEach((coordinate, d) => {
    const x = points.map((point) => point[d] as number);
    const variance = varianceOf(massesOf(x, coordinate), massesOf(x.slice(0, best), coordinate));
    variances.set(coordinate.name, (variances.get(coordinate.name) ?? 0) + variance);
  });
  const sum = [...variances.values()].reduce((a, b) => a + b, 0);
  return Object.fromEntries([...variances].map(([name, variance]) => [name, sum > 0 ? variance / sum : 0]));
}

/** v_d. Every p is positive. */
const varianceOf = (p: Float64Array, q: Float64Array): number =>
  p.reduce((sum, mass, cell) => sum + ((q[cell] as number) - mass) ** 2 / mass, 0);

/** The masses of cells: of a few values by counting, with one trial spread over all; of many by Gaussian kernels. */
function massesOf(x: readonly number[], { cells }: Coordinate): Float64Array {
  const there = x.filter((value) => !Number.isNaN(value)); // a condition may switch it off
  const few = cells <= CELLS / 2;
  const masses = new Float64Array(few ? cells : CELLS);
  const binned = new Float64Array(masses.length);
  for (const value of there) {
    const cell = Math.min(masses.length - 1, Math.floor(value * masses.length));
    binned[cell] = (binned[cell] as number) + 1;
  }
  if (few) masses.set(binned);
  else smooth(binned, masses, bandwidth(there) * CELLS);
  const sum = masses.reduce((a, b) => a + b, 0);
  return masses.map((mass) => (mass + 1 / masses.length) / (sum + 1));
}

/** Scott's rule, and no less than a cell. */
function bandwidth(x: readonly number[]): number {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const spread = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length);
  return Math.max(1 / CELLS, 1.06 * spread * x.length ** -0.2) || 1 / CELLS;
}

/** Spreads the counts of cells by a Gaussian, all of whose mass stays inside. */
function smooth(counts: Float64Array, masses: Float64Array, width: number): void {
  counts.forEach((count, from) => {
    if (count === 0) return;
    const kernel = masses.map((_, to) => Math.exp(-0.5 * ((to - from) / width) ** 2));
    const sum = kernel.reduce((a, b) => a + b, 0);
    kernel.forEach((mass, to) => (masses[to] = (masses[to] as number) + (count * mass) / sum));
  });
}
