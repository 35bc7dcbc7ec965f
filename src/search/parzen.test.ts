import { describe, expect, test } from "vitest";

import { choice } from "../space/choice.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import { createSpace, type Hyper } from "../space/space.ts";
import { toUnit } from "../space/unit.ts";
import { randomKey } from "../util/random.ts";
import { coordinatesOf, randomPoint } from "./coordinates.ts";
import { parzen } from "./parzen.ts";

const of = (hyper: Hyper) => coordinatesOf(createSpace({ hyper }));
const points = (...values: number[]) => values.map((t) => Float64Array.of(t));
const line = real(0.5, { low: 0, high: 1 });

describe("its densities integrate to 1", () => {
  test.each([
    ["no point", []],
    ["one", [0.2]],
    ["one at an end", [1e-6]],
    ["thirty", Array.from({ length: 30 }, (_, i) => (i * 0.618) % 1)],
    ["some that are missing", [0.3, NaN, 0.9]],
  ])("of a real with %s", (_, at) => {
    const { logDensity } = parzen(of(line), points(...at));
    const steps = 2000;
    const sum = Array.from({ length: steps }, (_, i) =>
      Math.exp(logDensity(Float64Array.of((i + 0.5) / steps))),
    );
    expect(sum.reduce((total, density) => total + density / steps, 0)).toBeCloseTo(1, 6);
  });

  test.each([
    ["an integer", integer(3, { low: 1, high: 9 }), [1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 2, 9]],
    ["an integer on a log scale", integer(3, { low: 1, high: 7, log: true }), [1, 2, 3, 4, 5, 6, 7], [1, 5]],
    ["a choice", choice("a", { options: ["a", "b", "c"] }), ["a", "b", "c"], ["c", "c", "a"]],
  ] as const)("of %s", (_, hyper, all, at) => {
    const given = at.map((value) => Float64Array.of(toUnit(hyper, value)));
    const { logDensity } = parzen(of(hyper), [...given, Float64Array.of(NaN)]);
    const total = all.reduce<number>(
      (sum, value) => sum + Math.exp(logDensity(Float64Array.of(toUnit(hyper, value)))),
      0,
    );
    expect(total).toBeCloseTo(1, 12);
  });
});

test("one point's density by hand", () => {
  // Weights 1/2 each; the bandwidth is clipped to a third; truncation keeps Phi(1.5) - Phi(-1.5) of the normal.
  const { logDensity } = parzen(of(line), points(0.5));
  const kernel = 3 / Math.sqrt(2 * Math.PI) / 0.8663855974622838;
  expect(Math.exp(logDensity(Float64Array.of(0.5)))).toBeCloseTo(0.5 * kernel + 0.5, 10);
});

test("a choice's probabilities by hand", () => {
  // One point: c = 1/2 and K = 3, so (1 + c) / (1 + c K) = 0.6 for the same, 0.2 for each other; half of it, and a sixth of the prior.
  const { logDensity } = parzen(of(choice("a", { options: ["a", "b", "c"] })), points(1 / 6));
  const probabilities = [1 / 6, 0.5, 5 / 6].map((t) => Math.exp(logDensity(Float64Array.of(t))));
  [0.3 + 1 / 6, 0.1 + 1 / 6, 0.1 + 1 / 6].forEach((p, i) => expect(probabilities[i]).toBeCloseTo(p, 12));
});

test("the floor raises the prior to the height of a kernel", () => {
  const space = createSpace({
    x: line,
    n: integer(1, { low: 1, high: 2 }),
    kind: choice(1, { options: [1, 2, 3, 4] }),
  });
  const { logDensity, logLevel, logFloor } = parzen(coordinatesOf(space), [
    Float64Array.of(0.1, 0.25, 0.125),
  ]);
  const raised = (...at: number[]) => {
    const point = Float64Array.from(at);
    return Math.exp(logLevel(point, logFloor(point))) - Math.exp(logDensity(point));
  };
  // The bandwidth is a third, the prior's weight a half; the integer has two cells, the choice four.
  expect(raised(0.9, NaN, NaN)).toBeCloseTo((1 / 2) * (3 - 1), 10);
  expect(raised(NaN, 0.75, NaN)).toBeCloseTo((1 / 2) * (2 - 1) * (1 / 2), 10);
  expect(raised(NaN, NaN, 0.875)).toBeCloseTo(0, 10);
  expect(raised(0.9, 0.75, 0.875)).toBeCloseTo((1 / 2) * (3 * 2 - 1) * (1 / 2) * (1 / 4), 10);
});

test("coordinates that are missing in the point do not count", () => {
  const two = coordinatesOf(createSpace({ x: line, y: line }));
  const { logDensity } = parzen(two, [Float64Array.of(0.2, 0.9), Float64Array.of(0.6, NaN)]);
  const total = Array.from({ length: 500 }, (_, i) =>
    Math.exp(logDensity(Float64Array.of(0.3, (i + 0.5) / 500))),
  );
  expect(total.reduce((sum, density) => sum + density / 500, 0)).toBeCloseTo(
    Math.exp(logDensity(Float64Array.of(0.3, NaN))),
    6,
  );
});

test("old points count less, the newest 25 alike", () => {
  const { logDensity } = parzen(
    of(choice(0, { options: [0, 1] })),
    points(...Array.from({ length: 100 }, (_, i) => (i < 50 ? 0.25 : 0.75))),
  );
  const [old, young] = [0.25, 0.75].map((t) => Math.exp(logDensity(Float64Array.of(t)))) as [number, number];
  // Ramp from 1/100 to 1 over 75 points, 25 ones and a prior of 1; a share of c = 1/101 of each goes to the other option.
  const weights = Array.from({ length: 100 }, (_, i) => (i < 75 ? 0.01 + (0.99 * i) / 74 : 1));
  const sum = (from: number, to: number) => weights.slice(from, to).reduce((total, w) => total + w, 0);
  const [same, other] = [(1 + 1 / 101) / (1 + 2 / 101), 1 / 101 / (1 + 2 / 101)];
  const total = sum(0, 100) + 1;
  expect(old).toBeCloseTo((sum(0, 50) * same + sum(50, 100) * other + 0.5) / total, 10);
  expect(young).toBeCloseTo(1 - old, 12);
});

test.each([
  ["real", line, [0.1, 0.12, 0.8]],
  ["integer", integer(3, { low: 1, high: 9 }), [0.5, 0.5, 0.95]],
  ["choice", choice("a", { options: ["a", "b", "c", "d"] }), [0.1, 0.1, 0.9]],
] as const)("samples of a %s follow its density", (_, hyper, at) => {
  const estimator = parzen(of(hyper), [...points(...at), Float64Array.of(NaN)]);
  const key = randomKey(1, "parzen");
  const bins = hyper.kind === "choice" ? 4 : 9;
  const draws = 9000;
  const counts = new Float64Array(bins);
  for (let i = 0; i < draws; i++) {
    const [t] = estimator.sample(randomPoint(key, i, 2));
    const bin = Math.min(Math.floor((t as number) * bins), bins - 1);
    counts[bin] = (counts[bin] as number) + 1;
  }
  const probability = (bin: number): number => {
    const density = (t: number) => Math.exp(estimator.logDensity(Float64Array.of(t)));
    if (hyper.kind !== "real") return density((bin + 0.5) / bins);
    return Array.from({ length: 50 }, (_, i) => density((bin + (i + 0.5) / 50) / bins) / (50 * bins)).reduce(
      (a, b) => a + b,
    );
  };
  const chi2 = counts.reduce((sum, count, bin) => {
    const expected = draws * probability(bin);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  expect(chi2).toBeLessThan(bins === 9 ? 26.1 : 16.3); // exceeded with probability 0.001 at 8 and 3 degrees of freedom
});
