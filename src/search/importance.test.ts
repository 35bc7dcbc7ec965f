import { expect, test } from "vitest";

import { choice } from "../space/choice.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { importances } from "./importance.ts";
import { random } from "./random.ts";

const drawn = (space: ReturnType<typeof createSpace>, count: number) =>
  Array.from({ length: count }, (_, number) => random().suggest({ space, trials: [], seed: 3, number }));

/** What the paper's variances are for a x + b y with x and y uniform: by counting on a fine grid, without densities. */
function exactShares(a: number, b: number, top: number): readonly number[] {
  const n = 1500;
  const places = Array.from({ length: n }, (_, i) => (i + 0.5) / n);
  const sums = Float64Array.from(places.flatMap((x) => places.map((y) => a * x + b * y))).sort();
  const bar = sums[Math.floor(top * n * n)] as number;
  const variance = (own: number, other: number) =>
    places.reduce((sum, x) => {
      const chance = Math.min(1, Math.max(0, (bar - own * x) / other)); // that the other one lets it pass
      return sum + (chance / top - 1) ** 2 / n;
    }, 0);
  const [u, v] = [variance(a, b), variance(b, a)];
  return [u / (u + v), v / (u + v)];
}

test.each([
  [1, 1],
  [2, 1],
  [1, 4],
])("importances of an additive function %d x + %d y are those of its marginals", (a, b) => {
  const space = createSpace({
    x: real(0.5, { low: 0, high: 1 }),
    y: real(1, { low: 0.01, high: 100, log: true }),
  });
  const trials = drawn(space, 20_000).map((values) => ({
    values,
    loss: a * Number(values["x"]) + (b * (Math.log10(Number(values["y"])) + 2)) / 4,
  }));
  const found = importances(space, trials, { top: 0.2 });
  const [x = NaN, y = NaN] = exactShares(a, b, 0.2);
  expect(Math.abs((found["x"] ?? NaN) - x)).toBeLessThan(0.03);
  expect(Math.abs((found["y"] ?? NaN) - y)).toBeLessThan(0.03);
});

test("what a loss does not depend on has no importance, whatever its kind; a choice on which all depends has all", () => {
  const space = createSpace({
    act: choice("a", { options: ["a", "b", "c"] }),
    idle: real(0.5, { low: 0, high: 1 }),
    units: integer(4, { low: 1, high: 8 }),
    each: real(0.5, { low: 0, high: 1, shape: [3] }),
  });
  const trials = drawn(space, 3000).map((values, i) => ({
    values,
    loss: i % 100 === 0 ? NaN : values["act"] === "b" ? 0 + i * 1e-9 : 1,
  }));
  const found = importances(space, trials, { top: 0.3 });
  expect(found["act"]).toBeGreaterThan(0.98);
  expect(Object.values(found).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
});

test("nothing is important where all losses are equal, and trials as good as the last of the best are among them", () => {
  const space = createSpace({ x: real(0.5, { low: 0, high: 1 }), n: integer(1, { low: 0, high: 3 }) });
  const values = drawn(space, 60);
  const of = (losses: readonly number[]) =>
    importances(
      space,
      values.map((own, i) => ({ values: own, loss: losses[i] as number })),
    );
  expect(of(values.map(() => 7))).toEqual({ x: 0, n: 0 });
  const tied = values.map((_, i) => Math.min(i, 20)); // from the 20th on all are equal, which is not among the best 6
  expect(of(tied)).toEqual(of(values.map((_, i) => i)));
  const best = values.map((_, i) => Math.max(i, 20)); // the best 21 are equal: in any order
  expect(of(best)).toEqual(of(values.map((_, i) => (i <= 20 ? 0 : i))));
  const reversed = importances(
    space,
    values.map((own, i) => ({ values: own, loss: best[i] as number })).reverse(),
  );
  expect(reversed["x"]).toBeCloseTo(of(best)["x"] as number, 12);
});
