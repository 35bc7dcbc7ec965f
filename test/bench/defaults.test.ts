/** The bench of defaults: what its figures are made of. */
import { expect, test } from "vitest";

import { churn, machineFailure, manyClasses } from "../../bench/defaults/made.ts";
import type { BenchResult } from "../../bench/defaults/results.ts";
import { meanLosses, standingsOf } from "../../bench/defaults/standing.ts";
import { benchTables } from "../../bench/defaults/tables.ts";

const result = (data: string, method: string, seed: number, loss: number): BenchResult => ({
  ...{ data, method, seed, seconds: 10, valid: loss, test: loss, commit: "", load: 0, took: 0 },
});

test("ranks are means over tables of means over seeds, equals share theirs, and unfinished seeds are left out", () => {
  const results = [
    ...[result("a", "fixed", 1, 2), result("a", "tpe", 1, 1), result("a", "gp", 1, 4)],
    ...[result("a", "fixed", 2, 2), result("a", "tpe", 2, 2), result("a", "gp", 2, 1)],
    ...[result("b", "fixed", 1, 3), result("b", "tpe", 1, 6), result("b", "gp", 1, 9)],
    ...[result("b", "fixed", 2, 9), result("b", "tpe", 2, 1)],
  ];
  const { standings, tables, blocks } = standingsOf(results, ["fixed", "tpe", "gp"], "fixed");
  expect([tables, blocks]).toEqual([2, 3]);
  const found = Object.fromEntries(standings.map(({ method, ...rest }) => [method, rest]));
  expect(found.fixed?.rank.mean).toBe(((2 + 2.5) / 2 + 1) / 2);
  expect(found.tpe?.rank.mean).toBe(((1 + 2.5) / 2 + 2) / 2);
  expect(found.gp?.rank.mean).toBe(((3 + 1) / 2 + 3) / 2);
  expect(found.tpe?.ratio.mean).toBeCloseTo(Math.exp((Math.log(0.5) / 2 + Math.log(2)) / 2), 12);
  expect(found.fixed?.ratio).toEqual({ mean: 1, low: 1, high: 1 });
  expect([found.fixed?.wins, found.tpe?.wins, found.gp?.wins]).toEqual([1, 1, 0]);
  expect(found.tpe?.rank.low).toBeLessThan(found.tpe?.rank.mean as number);
  expect(found.tpe?.rank.high).toBeGreaterThan(found.tpe?.rank.mean as number);
});

test("mean losses are of the seeds from which all methods have worked", () => {
  const results = [
    ...[result("a", "fixed", 1, 2), result("a", "tpe", 1, 1), result("a", "fixed", 2, 8)],
    ...[result("b", "fixed", 1, 3), result("b", "tpe", 1, 6), result("b", "fixed", 3, 5)],
    ...[result("b", "tpe", 3, 1), result("c", "fixed", 1, 1)],
  ];
  const losses = meanLosses(results, ["fixed", "tpe"]);
  expect([...losses].map(([table, own]) => [table, Object.fromEntries(own)])).toEqual([
    ["a", { fixed: 2, tpe: 1 }],
    ["b", { fixed: 4, tpe: 3.5 }],
  ]);
});

test("both halves have tables of either task, and a made-up table is the same each time", async () => {
  const kinds = Object.values(benchTables).map(({ half, task }) => `${half} ${task}`);
  expect(new Set(kinds).size).toBe(4);
  expect(kinds.length).toBeGreaterThanOrEqual(16);
  const text = await benchTables.churn?.csv?.("");
  expect(await benchTables.churn?.csv?.("")).toBe(text);
  expect(text?.split("\n")).toHaveLength(1 + 1200 + 400 + 2000);
  expect(await benchTables.yacht?.csv?.("/nowhere")).toBeUndefined();
});

test("made-up tables have the trait that they are named for", () => {
  const share = (values: readonly (number | string)[] | undefined, one: string) =>
    (values ?? []).filter((value) => value === one).length / 4000;
  expect(share(machineFailure(4000).y, "failure")).toBeLessThan(0.15);
  expect(share(machineFailure(4000).y, "failure")).toBeGreaterThan(0.03);
  expect(share(churn(4000).y, "left")).toBeLessThan(0.45);
  expect(new Set(manyClasses(4000).y).size).toBe(40);
});
