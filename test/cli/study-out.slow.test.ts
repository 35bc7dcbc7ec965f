/** Going on with a study into the folder of before. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const tune = (trials: number, ...argv: readonly string[]) =>
  call(
    ...["tune", "--data", "wine", "--hidden", "4", "--method", "random", "--trial-epochs", "2"],
    ...["--threads", "1", "--no-baseline", "--store", "s.db", "--trials", `${trials}`, "--json", ...argv],
  );
const trainings = ({ stdout }: { stdout: string }) => (JSON.parse(stdout) as TuneResult).trainings;

test("the same command goes on into its own folder, and into no other's; fewer trials are refused", async () => {
  expect(trainings(await tune(2, "--out", "x"))).toBe(2);
  expect(trainings(await tune(3, "--out", "x"))).toBe(3);
  const result = readFileSync("x/result.json", "utf8");

  const fewer = await tune(2, "--out", "y");
  expect(fewer.code).toBe(2);
  expect(fewer.stderr).toMatch(
    /--trials must be at least as many as the study "wine-random-0" has, 3, but got 2/,
  );
  expect(existsSync("y")).toBe(false);

  writeFileSync("x/notes.txt", "mine");
  const kept = await tune(4, "--out", "x");
  expect(kept.code).toBe(2);
  expect(kept.stderr).toMatch(/--out must be a new or empty folder, but x holds a run; choose another\n$/);
  expect(readFileSync("x/result.json", "utf8")).toBe(result);

  const other = await tune(2, "--seed", "1", "--out", "x");
  expect(other.code).toBe(2);
  expect((await call("study", "list", "--store", "s.db", "--json")).stdout).not.toContain("wine-random-1");
});
