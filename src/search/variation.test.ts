import { describe, expect, test } from "vitest";

import { polynomialMutation, simulatedBinaryCrossover } from "./variation.ts";

const middles = (n: number) => Array.from({ length: n }, (_, i) => (i + 0.5) / n);

describe.each([2, 20])("with the distribution index %i", (eta) => {
  test("children far from the ends are spread around the parents' middle as the unbounded density says", () => {
    const [a, b] = [0.499, 0.501];
    for (const u of middles(200)) {
      const [lower, upper] = simulatedBinaryCrossover([a, b], eta, u);
      const beta = u <= 0.5 ? (2 * u) ** (1 / (eta + 1)) : (2 * (1 - u)) ** (-1 / (eta + 1)); // equation 4 of Deb and Agrawal
      expect((upper - lower) / (b - a)).toBeCloseTo(beta, 4);
      expect((lower + upper) / 2).toBeCloseTo((a + b) / 2, 9);
    }
  });

  test("children stay inside, next to an end too, whichever parent comes first", () => {
    for (const parents of [
      [0, 1],
      [0.001, 0.4],
      [0.9, 0.999],
    ] as const) {
      for (const u of [1e-9, ...middles(50), 1 - 1e-9]) {
        const children = simulatedBinaryCrossover(parents, eta, u);
        expect(children.every((x) => x >= 0 && x <= 1)).toBe(true);
        expect(simulatedBinaryCrossover([parents[1], parents[0]], eta, u)).toEqual(children);
      }
    }
    expect(simulatedBinaryCrossover([0.3, 0.3], eta, 0.9)).toEqual([0.3, 0.3]);
  });

  test("a mutation moves by a density that falls as (1 - |δ|)^η, half to either side, up to the ends", () => {
    for (const x of [0.1, 0.5, 0.8]) {
      expect(polynomialMutation(x, eta, 0.5)).toBeCloseTo(x, 12);
      expect(polynomialMutation(x, eta, 0)).toBeCloseTo(0, 12);
      expect(polynomialMutation(x, eta, 1)).toBeCloseTo(1, 12);
      for (const u of [0.2, 0.4, 0.6, 0.9]) {
        // The derivative of the quantile is one over the density: c (1 - |δ|)^η with all of the half's mass up to the end.
        const delta = polynomialMutation(x, eta, u) - x;
        const room = u < 0.5 ? x : 1 - x;
        const density = (((eta + 1) / 2) * (1 - Math.abs(delta)) ** eta) / (1 - (1 - room) ** (eta + 1));
        const slope = (polynomialMutation(x, eta, u + 1e-6) - polynomialMutation(x, eta, u - 1e-6)) / 2e-6;
        expect(slope * density).toBeCloseTo(1, 5);
      }
    }
  });
});
