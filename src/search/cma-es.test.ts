import { describe, expect, test } from "vitest";

import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { randomKey, randomNormal } from "../util/random.ts";
import { createSearch } from "./ask-tell.ts";
import { cmaEs } from "./cma-es.ts";
import { adapted, firstDistribution, pointAt, type SearchDistribution } from "./covariance-adaptation.ts";

/** So many generations on a function, from the middle of the space. */
function evolved(
  loss: (x: Float64Array) => number,
  d: number,
  lambda: number,
  generations: number,
): SearchDistribution {
  const key = randomKey(1, "evolution");
  let now = firstDistribution(new Float64Array(d).fill(0.5), 0.3);
  for (let g = 0; g < generations; g++) {
    const points = Array.from({ length: lambda }, (_, k) =>
      pointAt(now, randomNormal(key, g * lambda + k, d)),
    );
    now = adapted(
      now,
      points.sort((a, b) => loss(a) - loss(b)),
    );
  }
  return now;
}

describe("one generation", () => {
  test("of one coordinate by hand", () => {
    // lambda = 4, mu = 2: w = (log 2.5, log 1.25) / log 3.125, so mu_eff = 1 / (w_1^2 + w_2^2).
    const [w1, w2] = [Math.log(2.5) / Math.log(3.125), Math.log(1.25) / Math.log(3.125)];
    const effective = 1 / (w1 * w1 + w2 * w2);
    const before = firstDistribution(Float64Array.of(0.5), 0.2);
    const after = adapted(
      before,
      [0.7, 0.4, 0, 1].map((x) => Float64Array.of(x)),
    );
    const [y1, y2] = [1, -0.5];
    const y = w1 * y1 + w2 * y2;
    expect(after.mean[0]).toBeCloseTo(0.5 + 0.2 * y, 14);
    const cs = (effective + 2) / (effective + 6);
    const path = Math.sqrt(cs * (2 - cs) * effective) * y;
    expect(after.stepPath[0]).toBeCloseTo(path, 14);
    const cc = (4 + effective) / (5 + 2 * effective);
    const pc = Math.sqrt(cc * (2 - cc) * effective) * y;
    expect(after.covariancePath[0]).toBeCloseTo(pc, 14);
    const c1 = 2 / (2.3 ** 2 + effective);
    const cmu = Math.min(1 - c1, (2 * (effective - 2 + 1 / effective)) / (9 + effective));
    expect(after.covariance[0]).toBeCloseTo(
      1 - c1 - cmu + c1 * pc * pc + cmu * (w1 * y1 ** 2 + w2 * y2 ** 2),
      13,
    );
    const length = 1 - 1 / 4 + 1 / 21;
    expect(after.stepSize).toBeCloseTo(0.2 * Math.exp((cs / (1 + cs)) * (Math.abs(path) / length - 1)), 14);
  });
});

test("while the step's path is long, the covariance's stands still and its matrix keeps what it would lose by that", () => {
  const before = { ...firstDistribution(Float64Array.of(0.5), 0.2), stepPath: Float64Array.of(50) };
  const after = adapted(
    before,
    [0.5, 0.5, 0, 1].map((x) => Float64Array.of(x)),
  );
  const effective = 1 / ((Math.log(2.5) / Math.log(3.125)) ** 2 + (Math.log(1.25) / Math.log(3.125)) ** 2);
  const c1 = 2 / (2.3 ** 2 + effective);
  const cmu = Math.min(1 - c1, (2 * (effective - 2 + 1 / effective)) / (9 + effective));
  const cc = (4 + effective) / (5 + 2 * effective);
  expect(after.covariancePath[0]).toBe(0);
  expect(after.covariance[0]).toBeCloseTo(1 - c1 - cmu + c1 * cc * (2 - cc), 13);
});

describe("over generations", () => {
  test("the step size falls with the distance to a sphere's minimum", () => {
    const sphere = (x: Float64Array) => x.reduce((sum, t) => sum + (t - 0.3) ** 2, 0);
    const { mean, stepSize } = evolved(sphere, 5, 8, 150);
    expect(sphere(mean)).toBeLessThan(1e-14);
    expect(stepSize).toBeLessThan(1e-6);
  });

  test("the covariance becomes the inverse Hessian", () => {
    // (x - 0.5)' H (x - 0.5) / 2 with eigenvalues 1 and 100, turned by 45 degrees.
    const hessian = [50.5, 49.5, 49.5, 50.5] as const;
    const loss = ([a = 0, b = 0]: Float64Array) =>
      hessian[0] * (a - 0.5) ** 2 + 2 * hessian[1] * (a - 0.5) * (b - 0.5) + hessian[3] * (b - 0.5) ** 2;
    const { covariance } = evolved(loss, 2, 12, 60);
    const [p = 0, q = 0, r = 0] = [covariance[0], covariance[1], covariance[3]];
    expect(q / Math.sqrt(p * r)).toBeCloseTo(-49.5 / 50.5, 1);
    const spread = Math.sqrt(((p - r) / 2) ** 2 + q * q);
    expect(Math.abs(Math.log10(((p + r) / 2 + spread) / ((p + r) / 2 - spread) / 100))).toBeLessThan(0.5);
  });

  test("without selection, the step size neither grows nor falls for long", () => {
    const { stepSize } = evolved(() => 0, 6, 10, 100);
    expect(Math.abs(Math.log(stepSize / 0.3))).toBeLessThan(1.5);
  });
});

describe("the sampler", () => {
  test("goes on around an integer that it has rounded", () => {
    const space = createSpace({ n: integer(2, { low: 1, high: 40 }), x: real(1, { low: -4, high: 4 }) });
    const search = createSearch(space, cmaEs(), { seed: 1 });
    for (let i = 0; i < 150; i++) {
      const { number, values } = search.ask();
      search.tell(number, ((values.n as number) - 31) ** 2 + (values.x as number) ** 2);
    }
    expect(search.best?.values.n).toBe(31);
    expect(search.best?.value).toBeLessThan(1e-4);
  });

  test("treats an integer as the real number behind it", () => {
    const cell = { n: integer(2, { low: 0, high: 39 }) };
    const line = { n: real(2, { low: 0, high: 40 }) };
    const [integers, reals] = [cell, line].map((hypers) => {
      const search = createSearch(createSpace(hypers), cmaEs(), { seed: 2 });
      return Array.from({ length: 60 }, () => {
        const { number, values } = search.ask();
        const n = Math.floor(values.n as number);
        search.tell(number, (n - 31) ** 2);
        return n;
      });
    });
    expect(integers).toEqual(reals);
  });

  test("refuses settings that make no generation", () => {
    expect(() => cmaEs({ population: 3 })).toThrow(
      "`population` of cmaEs must be a whole number, at least 4, but got 3",
    );
    expect(() => cmaEs({ stepSize: 0 })).toThrow(
      "`stepSize` of cmaEs must be a number, above 0 and at most 1, but got 0",
    );
    expect(() => cmaEs({ population: 4.5 })).toThrow("`population` of cmaEs must be a whole number");
  });
});
