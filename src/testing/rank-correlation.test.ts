import { expect, test } from "vitest";

import { rankCorrelation } from "./rank-correlation.ts";

test("Spearman's correlation sees the order alone", () => {
  const values = [3, 1, 4, 1.5, 9];
  expect(rankCorrelation(values, values.map(Math.exp))).toBeCloseTo(1, 12);
  expect(rankCorrelation(values, values.map((x) => -x))).toBeCloseTo(-1, 12); // prettier-ignore
  expect(rankCorrelation([1, 2, 3, 4], [2, 1, 4, 3])).toBeCloseTo(1 - (6 * 4) / (4 * 15), 12); // 1 - 6 Σ d² / (n (n² - 1))
});
