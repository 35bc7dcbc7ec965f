import { expect, test } from "vitest";

import { measureSearch } from "./search-measure.ts";
import { describeSearch, searchRatios, type SearchResult } from "./search-report.ts";

const result = (by: string, sampler: string, cpu: number): SearchResult => ({
  by,
  sampler,
  before: 0,
  trials: 10,
  mean: 99,
  cpu,
  best: 1,
  median: 1,
  lowerQuartile: 1,
  upperQuartile: 1,
  min: 1,
  max: 1,
});

test("ratios compare each sampler with Optuna's of its kind, measured and published", () => {
  const results = [
    result("hypertrain", "random", 0.02),
    result("hypertrain", "tpe", 2),
    result("hypertrain", "gp", 50),
    result("optuna", "random", 0.4),
    result("optuna", "tpe", 100),
    result("optuna", "tpe-joint", 60),
  ];
  expect(
    searchRatios(results).map(({ sampler, to, ratio }) => [sampler, to, Math.round(100 * ratio) / 100]),
  ).toEqual([
    ["random", "optuna random", 20],
    ["random", "optuna, published", 17],
    ["tpe", "optuna tpe", 50],
    ["tpe", "optuna tpe-joint", 30],
    ["tpe", "optuna, published", 20.5],
    ["tpe", "optuna with SQLite, published", 48.5],
  ]);
});

test("a small measurement makes a document and a text", async () => {
  const report = await measureSearch({ dimensions: 2, trials: 12, gpPoints: 11, gpTrials: 2 });
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  expect(report.results.map(({ sampler, before, trials }) => [sampler, before, trials])).toEqual([
    ["random", 0, 12],
    ["tpe", 0, 12],
    ["gp", 11, 2],
  ]);
  expect(describeSearch(report)).toContain("hypertrain gp, trials 11 to 12");
});

test("a Python that is not there is named", async () => {
  const asked = measureSearch({
    dimensions: 1,
    trials: 2,
    gpPoints: 10,
    gpTrials: 1,
    peer: { python: "no-python" },
  });
  await expect(asked).rejects.toThrow("--peer must find Python, but no-python did not start");
});
