/** The linear model beside a network on a table. */
import { readFileSync, writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { call, useFolder } from "./command.ts";

useFolder();

/** 80 rows of a line with noise, which a network can only learn more slowly. */
function writeTable(): void {
  const rows = Array.from({ length: 80 }, (_, i) => {
    const [a, b] = [(i * 7) % 11, (i * 3) % 5];
    return `${a},${b},${a - 2 * b + (((i * i) % 7) - 3) / 5}`;
  });
  writeFileSync("line.csv", `a,b,y\n${rows.join("\n")}\n`);
}

const flags = ["--data", "line.csv", "--target", "y", "--epochs", "30", "--threads", "1"];

const tune = async (...argv: readonly string[]): Promise<TuneResult> => {
  const { stdout } = await call("tune", ...flags, "--json", ...argv);
  return JSON.parse(stdout) as TuneResult;
};

/** The decay at which a linear layer starts: a fifth of the squared error's curvature, 2, times two columns over the training rows. */
const decayOf = ({ data }: TuneResult): string => `l2=${(0.2 * 2 * 2) / (data?.parts.train ?? NaN)}`;

test("is the one that tune trains alone for as long, is named where it is better, and stands in the report", async () => {
  writeTable();
  const found = await tune("--hidden", "4", "--out", "run");
  const { linear, remarks } = found;
  const held = ["--model", "linear", "--method", "fixed", "--hyper", decayOf(found)];
  const alone = await tune(...held, "--out", "alone");
  expect(linear?.valid).toEqual(alone.best.valid);
  expect(linear?.test).toEqual(alone.best.test);
  expect(linear?.epoch).toBe(alone.best.epoch);
  const beside = await tune("--model", "wide-and-deep", "--hidden", "4", "--out", "wide");
  expect(beside.linear?.valid).toEqual(alone.best.valid);
  expect(remarks[0]).toMatch(/^A linear model of the same rows does better/);
  expect(readFileSync("run/report.html", "utf8")).toContain("A linear model");
  expect((await call("tune", ...flags, "--hidden", "4", "--out", "told")).stdout).toMatch(
    /\n {2}linear model +\d+ +\d/,
  );
});

test("is trained in folds beside folds, and not at all with --no-baseline, or for a linear network", async () => {
  writeTable();
  const folded = await tune("--hidden", "4", "--folds", "3", "--out", "folds");
  const alone = await tune(
    ...[
      "--model",
      "linear",
      "--method",
      "fixed",
      "--hyper",
      decayOf(folded),
      "--folds",
      "3",
      "--out",
      "alone",
    ],
  );
  expect(folded.linear?.valid).toEqual(alone.best.valid);
  expect(await tune("--hidden", "4", "--no-baseline", "--out", "no")).not.toHaveProperty("linear");
  expect(await tune("--model", "linear", "--out", "itself")).not.toHaveProperty("linear");
});
