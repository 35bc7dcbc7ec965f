/** O8: random search is uniform in the transformed space; and what samplers are for: fewer trials than random search needs. */
import { describe, expect, test } from "vitest";

import { createSearch } from "../../src/search/ask-tell.ts";
import { cmaEs } from "../../src/search/cma-es.ts";
import { coordinatesOf, toPoint } from "../../src/search/coordinates.ts";
import { gpSampler } from "../../src/search/gp-sampler.ts";
import { quasiRandom } from "../../src/search/quasi-random.ts";
import { random } from "../../src/search/random.ts";
import type { Sampler } from "../../src/search/sampler.ts";
import { tpe } from "../../src/search/tpe.ts";
import { choice } from "../../src/space/choice.ts";
import { integer } from "../../src/space/integer.ts";
import { real } from "../../src/space/real.ts";
import { createSpace, type Space } from "../../src/space/space.ts";
import { reals, searchFunctions, type SearchFunction } from "./search-functions.ts";

const mixed = createSpace({
  rate: real(1e-2, { low: 1e-5, high: 10, log: true }),
  drop: real(0.5, { low: 0, high: 0.8 }),
  units: integer(4, { low: 1, high: 8 }),
  width: integer(4, { low: 1, high: 31, log: true }),
  kind: choice("a", { options: ["a", "b", "c", "d", "e"] }),
});

const drawn = (sampler: Sampler, space: Space, count: number, seed = 0) =>
  Array.from({ length: count }, (_, number) => sampler.suggest({ space, trials: [], seed, number }));

describe("random search", () => {
  const count = 4000;
  const values = drawn(random(), mixed, count);

  test.each([
    ["rate", (x: number) => Math.log(x / 1e-5) / Math.log(1e6)],
    ["drop", (x: number) => x / 0.8],
  ])("draws %s uniformly, on its scale", (name, place) => {
    const sorted = values.map((one) => place(one[name] as number)).sort((a, b) => a - b);
    const distance = sorted.reduce((most, t, i) => Math.max(most, t - i / count, (i + 1) / count - t), 0);
    expect(distance * Math.sqrt(count)).toBeLessThan(1.95); // Kolmogorov and Smirnov: exceeded with probability 0.001
  });

  test.each([
    ["units", () => 1 / 8, 8, 24.3],
    ["width", (k: number) => Math.log((k + 2) / (k + 1)) / Math.log(32), 31, 59.7],
    ["kind", () => 1 / 5, 5, 18.5],
  ] as const)("draws %s as often as it should", (name, probability, size, critical) => {
    const counts = new Float64Array(size);
    for (const one of values) {
      const at = name === "kind" ? "abcde".indexOf(one.kind as string) : (one[name] as number) - 1;
      counts[at] = (counts[at] as number) + 1;
    }
    const chi2 = counts.reduce(
      (sum, found, k) => sum + (found - count * probability(k)) ** 2 / (count * probability(k)),
      0,
    );
    expect(chi2).toBeLessThan(critical); // exceeded with probability 0.001 at size - 1 degrees of freedom
  });

  test("draws hyperparameters and trials independently", () => {
    const points = values.map((one) => toPoint(mixed, one));
    const { length } = coordinatesOf(mixed);
    const column = (j: number, from: number) =>
      points.slice(from, count - 1 + from).map((point) => point[j] as number);
    for (let j = 0; j < length; j++) {
      for (let k = j + 1; k < length; k++)
        expect(Math.abs(correlation(column(j, 0), column(k, 0)))).toBeLessThan(0.06);
      expect(Math.abs(correlation(column(j, 0), column(j, 1)))).toBeLessThan(0.06); // 3.8 standard errors
    }
  });
});

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const [am, bm] = [mean(a), mean(b)];
  const product = (x: readonly number[], xm: number, y: readonly number[], ym: number) =>
    mean(x.map((value, i) => (value - xm) * ((y[i] as number) - ym)));
  return product(a, am, b, bm) / Math.sqrt(product(a, am, a, am) * product(b, bm, b, bm));
}

test.each([
  [2, 0.15],
  [5, 0.5],
  [10, 0.9],
])("quasi-random search covers the cube of %i dimensions more evenly than random search", (size, share) => {
  const n = 256;
  const space = createSpace(
    Object.fromEntries(Array.from({ length: size }, (_, i) => [`x${i}`, real(0.5, { low: 0, high: 1 })])),
  );
  const squares = [0, 1, 2, 3, 4].map(
    (seed) => discrepancy(drawn(quasiRandom(), space, n, seed).map((one) => toPoint(space, one))) ** 2,
  );
  const meanSquare = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  const ofRandom = (2 ** -size - 3 ** -size) / n; // its expectation
  expect(Math.sqrt(meanSquare / ofRandom)).toBeLessThan(share);
});

/** The L2 star discrepancy: the root mean square error of shares of points in boxes at the origin (Warnock, 1972). */
function discrepancy(points: readonly Float64Array[]): number {
  const n = points.length;
  const d = points[0]?.length ?? 0;
  let [once, twice] = [0, 0];
  for (const p of points) {
    once += p.reduce((product, x) => product * (1 - x * x), 1);
    for (const q of points)
      twice += p.reduce((product, x, j) => product * (1 - Math.max(x, q[j] as number)), 1);
  }
  return Math.sqrt(3 ** -d - (2 ** (1 - d) / n) * once + twice / n ** 2);
}

interface Margins {
  readonly make: () => Sampler;
  readonly trials: number;
  /** By function: what was measured, and what must hold; functions of libm may differ in their last bit. */
  readonly shares: Readonly<
    Record<keyof typeof searchFunctions, readonly [measured: number, atMost: number]>
  >;
}

/**
 * How far the best value is above the minimum after as many trials, in the median over seeds, as a share of what random search
 * leaves in the median over as many seeds.
 */
const margins: Readonly<Record<string, Margins>> = {
  tpe: {
    make: () => tpe(),
    trials: 60,
    shares: {
      sphere: [0.07, 0.12],
      branin: [0.263, 0.4],
      hartmann6: [0.208, 0.35],
      chosenBranin: [0.089, 0.17],
    },
  },
  cmaEs: {
    make: () => cmaEs(),
    trials: 200,
    shares: {
      sphere: [3.9e-3, 0.015],
      branin: [3.6e-4, 4e-3],
      hartmann6: [0.038, 0.1],
      chosenBranin: [0.301, 0.5],
    },
  },
  gpSampler: {
    make: () => gpSampler(),
    trials: 50,
    shares: {
      sphere: [1.8e-4, 5e-4],
      branin: [2.3e-4, 2e-3],
      hartmann6: [1.6e-3, 0.1],
      chosenBranin: [4.3e-4, 0.01],
    },
  },
};

describe.each(Object.entries(margins))("%s needs fewer trials than random search", (_, sampler) => {
  const { make, trials, shares } = sampler;
  test.each(Object.entries(shares))("on %s", (name, [, atMost]) => {
    const searched = searchFunctions[name as keyof typeof searchFunctions];
    const share = medianLeft(searched, make, trials) / medianLeft(searched, random, trials);
    expect(share).toBeLessThan(atMost);
  });
});

test("tpe goes on finding better points of a sphere in ten dimensions", () => {
  const space = createSpace(reals(10, -5, 5, 1));
  const ends = [0, 1, 2].map((seed) => {
    const search = createSearch(space, tpe(), { seed });
    for (let i = 0; i < 400; i++) {
      const { number, values } = search.ask();
      search.tell(
        number,
        Object.values(values).reduce<number>((sum, x) => sum + ((x as number) - 2.1) ** 2, 0),
      );
    }
    return search.best?.value as number;
  });
  expect(Math.max(...ends)).toBeLessThan(0.8); // a bandwidth that does not follow the good points ends between 1.7 and 3.8
});

const SEEDS = 20;

/** The median over seeds of how far the best of so many trials is above the minimum. */
function medianLeft(
  { space, minimum, evaluate }: SearchFunction,
  make: () => Sampler,
  trials: number,
): number {
  const left = Array.from({ length: SEEDS }, (_, seed) => {
    const search = createSearch(space, make(), { seed });
    for (let i = 0; i < trials; i++) {
      const { number, values } = search.ask();
      search.tell(number, evaluate(values));
    }
    return (search.best?.value as number) - minimum;
  }).sort((a, b) => a - b);
  return ((left[Math.floor((SEEDS - 1) / 2)] as number) + (left[Math.floor(SEEDS / 2)] as number)) / 2;
}
