import { expect, test } from "vitest";

import { integer } from "../space/integer.ts";
import { choice } from "../space/choice.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { createSearch } from "./ask-tell.ts";
import { nsga2 } from "./nsga2.ts";
import { random } from "./random.ts";
import type { Sampler } from "./sampler.ts";

/** The area that points dominate up to a corner. */
function hypervolume(
  points: readonly (readonly [number, number])[],
  corner: readonly [number, number],
): number {
  let [area, height] = [0, corner[1]];
  for (const [x, y] of points.toSorted((a, b) => a[0] - b[0])) {
    if (x >= corner[0] || y >= height) continue;
    area += (corner[0] - x) * (height - y);
    height = y;
  }
  return area;
}

/** ZDT1 and ZDT2 (Zitzler, Deb and Thiele 2000) of so many variables. */
const zdt = {
  ZDT1: (f: number, g: number) => g * (1 - Math.sqrt(f / g)),
  ZDT2: (f: number, g: number) => g * (1 - (f / g) ** 2),
};
const VARIABLES = 8;
const cube = createSpace(
  Object.fromEntries(Array.from({ length: VARIABLES }, (_, i) => [`x${i}`, real(0.5, { low: 0, high: 1 })])),
);

function areaOf(second: (f: number, g: number) => number, sampler: Sampler, seed: number): number {
  const search = createSearch(cube, sampler, { seed, objectives: { f: "minimize", second: "minimize" } });
  for (let i = 0; i < 800; i++) {
    const { number, values } = search.ask();
    const [f, ...rest] = Object.values(values) as [number, ...number[]];
    const g = 1 + (9 * rest.reduce((sum, x) => sum + x, 0)) / (VARIABLES - 1);
    search.tell(number, { measures: { f, second: second(f, g) } });
  }
  return hypervolume(
    search.front.map(({ measures = {} }) => [measures["f"] as number, measures["second"] as number]),
    [1, 6],
  );
}

test.each(Object.entries(zdt))(
  "on %s it covers more than random search at equal trials, and nearly all that there is",
  (name, second) => {
    const whole = 5 + (name === "ZDT1" ? 2 / 3 : 1 / 3); // ∫ √f and ∫ f² above the front, and 5 below the corner
    for (const seed of [0, 1, 2]) {
      const [ours, theirs] = [areaOf(second, nsga2(), seed), areaOf(second, random(), seed)];
      expect(ours).toBeGreaterThan(0.9 * whole);
      expect(theirs).toBeLessThan(0.8 * whole);
      expect(ours).toBeLessThan(whole);
    }
  },
);

/** What 400 trials find of a problem with two variables, two objectives and bounds on two measures. */
function found(
  [xs, ys]: readonly [Range, Range],
  bounds: Readonly<Record<string, { readonly least?: number; readonly most?: number }>>,
  measuresOf: (x: number, y: number) => Readonly<Record<string, number>>,
) {
  const space = createSpace({ x: within(xs), y: within(ys) });
  const search = createSearch(space, nsga2(), { objectives: { f1: "minimize", f2: "minimize" }, bounds });
  for (let i = 0; i < 400; i++) {
    const { number, values } = search.ask();
    search.tell(number, { measures: measuresOf(values.x, values.y) });
  }
  return search.front.map(({ values }) => values);
}
type Range = readonly [low: number, high: number];

const within = ([low, high]: Range) => real((low + high) / 2, { low, high });

test("on CONSTR, whose constraints cut the front short, trials come to the front in closed form", () => {
  // Deb et al. 2002, table V: minimise x and (1 + y) / x where y + 9x >= 6 and 9x - y >= 1.
  const measuresOf = (x: number, y: number) => ({ f1: x, f2: (1 + y) / x, g1: y + 9 * x, g2: 9 * x - y });
  const front = found(
    [
      [0.1, 1],
      [0, 5],
    ],
    { g1: { least: 6 }, g2: { least: 1 } },
    measuresOf,
  );
  const best = (x: number) => (x < 2 / 3 ? (7 - 9 * x) / x : 1 / x); // y as small as g1 and 0 allow; from x = 7 / 18 on by g2
  expect(front.length).toBeGreaterThan(20);
  const gaps = front.map(({ x, y }) => measuresOf(x, y).f2 - best(x)).sort((a, b) => a - b);
  expect(gaps[0]).toBeGreaterThan(-1e-9); // nothing beyond a bound is on it
  expect(gaps[Math.floor(gaps.length / 2)]).toBeLessThan(0.15);
  expect(Math.min(...front.map(({ x }) => x))).toBeLessThan(0.45);
  expect(Math.max(...front.map(({ x }) => x))).toBeGreaterThan(0.9);
});

test("on the problem of Binh and Korn trials come to the front in closed form", () => {
  const measuresOf = (x: number, y: number) => ({
    ...{ f1: 4 * x ** 2 + 4 * y ** 2, f2: (x - 5) ** 2 + (y - 5) ** 2 },
    ...{ g1: (x - 5) ** 2 + y ** 2, g2: (x - 8) ** 2 + (y + 3) ** 2 },
  });
  const front = found(
    [
      [0, 5],
      [0, 3],
    ],
    { g1: { most: 25 }, g2: { least: 7.7 } },
    measuresOf,
  );
  // On the front y = x up to 3, then y = 3: what f2 is there at the same f1.
  const best = (f1: number) =>
    f1 < 72 ? 2 * (Math.sqrt(f1 / 8) - 5) ** 2 : (Math.sqrt(f1 / 4 - 9) - 5) ** 2 + 4;
  const gaps = front
    .map(({ x, y }) => measuresOf(x, y))
    .map(({ f1, f2 }) => f2 - best(f1))
    .sort((one, other) => one - other);
  expect(front.length).toBeGreaterThan(40);
  expect(gaps[0]).toBeGreaterThan(-1e-9);
  expect(gaps[Math.floor(gaps.length / 2)]).toBeLessThan(0.2); // of 50
  for (const { x, y } of front) expect(measuresOf(x, y).g1).toBeLessThanOrEqual(25);
});

test("whole numbers and choices are searched too: the exact front of a small space", () => {
  const space = createSpace({
    n: integer(8, { low: 0, high: 40 }),
    kind: choice("a", { options: ["a", "b", "c"] }),
  });
  const costs = { a: 1, b: 0, c: 3 };
  const search = createSearch(space, nsga2({ population: 10 }), {
    objectives: { up: "maximize", down: "minimize" },
  });
  for (let i = 0; i < 123; i++) {
    const { number, values } = search.ask();
    const { n, kind } = values;
    search.tell(number, {
      measures: { up: Math.min(n, 20) - costs[kind], down: Math.max(n, 10) + costs[kind] },
    });
  }
  expect(new Set(search.trials.map(({ values }) => JSON.stringify(values))).size).toBeGreaterThan(80); // few tried twice before all good ones are
  const ends = new Set(search.front.map(({ values }) => values.n));
  expect([...ends].sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  expect(search.front.every(({ values }) => values.kind === "b")).toBe(true);
});

test("one value without objectives is followed too, and a remembered search suggests what a new one does", () => {
  const space = createSpace({ x: real(0, { low: -1, high: 1 }), y: real(0, { low: -1, high: 1 }) });
  const search = createSearch(space, nsga2({ population: 8 }), { seed: 3 });
  for (let i = 0; i < 200; i++) {
    const { number, values } = search.ask();
    search.tell(
      number,
      i % 9 === 4 ? { failed: "a bad day" } : (values.x - 0.3) ** 2 + (values.y + 0.6) ** 2,
    );
  }
  expect(search.best?.value).toBeLessThan(0.01);
  const fresh = createSearch(space, nsga2({ population: 8 }), { seed: 3, trials: search.trials });
  expect(fresh.ask()).toEqual(search.ask());
});

test.each([
  [{ population: 5 }, "`population` of nsga2 must be an even number, at least 4, but got 5"],
  [{ population: 2.5 }, "`population` of nsga2 must be an even number, at least 4, but got 2.5"],
  [{ crossover: 2 }, "`crossover` of nsga2 must be a number, at least 0 and at most 1, but got 2"],
  [{ mutationIndex: NaN }, "`mutationIndex` of nsga2 must be a number, at least 0, but got NaN"],
])("%j is refused", (options, message) => {
  expect(() => nsga2(options)).toThrow(message);
});
