import type { MultiBar } from "cli-progress";
import { expect, test } from "vitest";

import type { Plan } from "../../src/cli/compare/plan.ts";
import { bars } from "../../src/cli/compare/progress.ts";
import { remarksOnChance, remarksOnTime, stillFalling } from "../../src/cli/compare/remarks.ts";
import { describeStandings, failuresOf, standingsOf } from "../../src/cli/compare/table.ts";
import { searchable } from "../../src/cli/registry/searchable.ts";
import { integer } from "../../src/space/integer.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { middleOf } from "../../src/util/statistics.ts";

test("a bar for each method, with what it has reached from each seed", () => {
  const shown: string[] = [];
  const multi = {
    create: (total: number, _start: number, _payload: object, { format }: { format: string }) => ({
      update: (value: number, { losses }: { losses: string }) =>
        void shown.push(`${format.split(" ")[0]} ${value.toFixed(1)}/${total} ${losses}`),
    }),
    log() {},
    stop() {},
  } as unknown as MultiBar;
  const point = (seconds: number, loss: number) => ({ seconds, gradientEvaluations: 5, valid: { loss } });
  const view = bars({ methods: ["stn", "gp"], seeds: 2, seconds: 10 } as unknown as Plan, multi);
  view.see("gp", 0, point(5, 0.5));
  view.done({ method: "gp", seed: 0, trials: 1, points: [point(10, 0.25)] }, false);
  view.see("gp", 1, point(20, 0.75));
  view.done({ method: "gp", seed: 1, trials: 1, points: [], failed: "no" }, false);
  expect(shown).toEqual([
    "gp 0.5/2 0.5000…",
    "gp 1.0/2 0.2500",
    "gp 2.0/2 0.2500  0.7500…",
    "gp 2.0/2 0.2500  – (failed)",
  ]);
});

test("failures, and what had no time to settle", () => {
  const curve = (method: string, seed: number, ends: readonly number[], failed?: string) => ({
    ...{ method, seed, trials: 1, ...(failed !== undefined && { failed }) },
    points: ends.map((seconds, i) => ({ seconds, gradientEvaluations: 1, valid: { loss: 9 - i } })),
  });
  const curves = [
    curve("a", 0, [1, 9.5]),
    curve("b", 0, [1, 8], "no"),
    curve("a", 1, [9.9]),
    curve("b", 1, [], "never"),
    curve("b", 2, [1, 9.2]),
  ];
  expect(stillFalling(curves, 10)).toEqual(["a"]);
  expect(failuresOf(curves)).toEqual([{ method: "b", seeds: [0, 1], of: 3, reason: "no" }]);
  const none = [
    ...[...curves, curve("gp", 0, []), curve("fixed", 0, [])],
    ...[curve("c", 0, [1]), curve("c", 1, []), curve("c", 2, [1])],
  ];
  expect(remarksOnTime(none, 10)).toEqual([
    expect.stringMatching(
      /^The budget \(--time, --budget-steps\) was too short .* nothing is known: gp, fixed\.$/,
    ),
    "The budget was too short for one evaluation from some seeds, which count as an infinite loss: c.",
    expect.stringMatching(/^Still improving .*: a\.$/),
  ]);
});

test("methods that so many rows do not tell from the best are named, and not those that failed", () => {
  const curve = (method: string, loss: number) => ({
    ...{ method, seed: 0, trials: 1 },
    points: [{ seconds: 1, gradientEvaluations: 1, valid: { loss }, test: { loss } }],
  });
  const standings = standingsOf([
    ...[curve("a", 1), curve("b", 1.04), curve("c", 1.06)],
    { method: "d", seed: 0, trials: 1, points: [], failed: "no" },
  ]);
  expect(remarksOnChance(standings, { valid: 50, test: 50 })).toEqual([
    "As good as a, as far as 100 validation and test rows can tell: b.",
  ]);
  expect(remarksOnChance(standings, { valid: 4, test: 4 })).toEqual([
    expect.stringMatching(/ 8 .*: b, c\.$/),
  ]);
  expect(remarksOnChance(standings, { valid: 500, test: 500 })).toEqual([]);
  expect(remarksOnChance(standings.slice(3), { valid: 4 })).toEqual([]);
});

test("of methods that all failed at once the table tells no figures", () => {
  const none = { seed: 0, trials: 1, points: [], failed: "no" };
  const table = describeStandings(standingsOf([{ ...none, method: "a" }]));
  expect(table.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
    ["method", "validation loss", "quartiles", "trainings", "gradients"],
    ["a", "–", "–", "–", "–"],
  ]);
});

test("ranges without ends get some on a log scale", () => {
  const space = searchable(
    createSpace({
      rate: real(0.1, { low: 0, high: 0.9 }),
      decay: real(1e-4, { log: true }),
      n: integer(2, { low: 0, high: 5 }),
    }),
  );
  expect(space.hypers.rate).toMatchObject({ low: 0, high: 0.9 });
  expect(space.hypers.decay).toMatchObject({ low: expect.closeTo(1e-7, 12), high: expect.closeTo(0.1, 9) });
  expect(space.hypers.n).toMatchObject({ low: 0, high: 5 });
});

test("medians and quartiles, with failures as infinite losses", () => {
  expect(middleOf([3, 1, 2])).toEqual({ median: 2, lower: 1.5, upper: 2.5 });
  expect(middleOf([1, Infinity, Infinity])).toEqual({ median: Infinity, lower: Infinity, upper: Infinity });
  const curve = (method: string, seed: number, losses: number[]) => ({
    method,
    seed,
    trials: 1,
    points: losses.map((loss, i) => ({ seconds: i + 1, gradientEvaluations: 10 * (i + 1), valid: { loss } })),
  });
  const [first, second] = standingsOf(
    [curve("slow", 0, [5, 3]), curve("slow", 1, [4, 2]), curve("fast", 0, [1]), curve("fast", 1, [])],
    [4],
  );
  expect([first?.method, second?.method]).toEqual(["slow", "fast"]); // a failure counts
  expect(first?.valid).toEqual({ median: 2.5, lower: 2.25, upper: 2.75 });
  expect(first?.reached).toEqual([{ loss: 4, seconds: { median: 1.5, lower: 1.25, upper: 1.75 } }]);
  expect(second?.valid.median).toBe(Infinity);
});
