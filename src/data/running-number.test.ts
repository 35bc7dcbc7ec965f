import { expect, test } from "vitest";

import { randomKey, randomPermutation, randomUniform } from "../util/random.ts";
import { isRunningNumber } from "./running-number.ts";
import { csvData } from "./table-data.ts";
import type { TableDataOptions } from "./table-options.ts";

const ROWS = 120;
const shuffled = Array.from(randomPermutation(randomKey(1, "rows"), 0, ROWS));
const u = Array.from(randomUniform(randomKey(2, "rows"), 0, ROWS));

const read = (
  name: string,
  values: readonly (number | string)[],
  options: Partial<TableDataOptions> = {},
  other = true,
) =>
  csvData(
    [
      `${other ? "x," : ""}${name},y`,
      ...values.map((value, i) => `${other ? `${(i * 7) % 11},` : ""}${value},${(i * 37) % 61}.5`),
    ].join("\n"),
    {
      name: "t.csv",
      target: "y",
      ...options,
    },
  );
const inputs = (...given: Parameters<typeof read>) => read(...given).columns;

test("a running number is no input, in whatever place, order or part of the rows, unless it is kept", () => {
  const counts: readonly (readonly (number | string)[])[] = [
    shuffled.map((_, i) => i + 1),
    shuffled,
    shuffled.map((i) => 5001 + i),
    shuffled.map((i) => 2 * i), // of a table of which half was taken
    Array.from({ length: 400 }, (_, i) => 1000 + 4 * i + (i % 3)), // of which a quarter was taken; three of five rows train
    shuffled.map((i) => (i === 7 ? "" : i)),
  ];
  for (const values of counts) {
    expect(inputs("order", values)).toEqual(["x"]);
    expect(inputs("order", values, { keep: ["order"] })).toContain("order");
  }
  expect(read("order", shuffled).warnings).toEqual([
    '1 column of t.csv is left out: "order" (a running number); `keep` takes one in',
  ]);
});

test("numbers that repeat, that are few or that lie far apart are inputs", () => {
  for (const values of [
    u.map((x) => Math.floor(200 * x)), // ages, counts
    shuffled.map((i) => 1000 * i), // a design
    shuffled.map((i) => i + 0.5),
  ])
    expect([inputs("order", values), read("order", values).warnings]).toEqual([["x", "order"], []]);
  expect(inputs("order", shuffled.slice(0, 15))).toEqual(["x", "order"]);
});

test("years and ranks, and what there is beside the target alone, are inputs with a warning", () => {
  const warning = (name: string) => [
    `"${name}" of t.csv gives each row a whole number of its own, as a running number does, and is taken as an input; leave it out with \`ignore\` if it says no more than where a row stands`,
  ];
  const years = shuffled.map((i) => 1900 + i);
  expect([inputs("season", years), read("season", years).warnings]).toEqual([
    ["x", "season"],
    warning("season"),
  ]);
  expect(read("world_rank", shuffled).warnings).toEqual(warning("world_rank"));
  expect([inputs("order", shuffled, {}, false), read("order", shuffled, {}, false).warnings]).toEqual([
    ["order"],
    warning("order"),
  ]);
  expect(read("world_rank", shuffled, { keep: ["world_rank"] }).warnings).toEqual([]);
});

test("numbers drawn regardless of each other are seldom taken for a running number", () => {
  let taken = 0;
  for (let seed = 0; seed < 1000; seed++) {
    const [n, range] = [8 + (seed % 30), 16 + 2 * (seed % 60)];
    const draws = randomUniform(randomKey(seed, "draws"), 0, n);
    if (isRunningNumber(Float64Array.from(draws, (x) => Math.floor(range * x)))) taken += 1;
  }
  expect(taken).toBe(0);
});
