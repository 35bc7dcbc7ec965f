import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { call, start, useFolder } from "./command.ts";

useFolder();

test("a grid ends with its last point, in a run folder and in a store", async () => {
  const grid = ["tune", "--data", "wine", "--hidden", "4", "--method", "grid", "--hyper", "dropout.input=.1"];
  const short = ["--trial-epochs", "1", "--threads", "1", "--no-baseline"];
  const own = await call(...grid, ...short, "--epochs", "50", "--json", "--quiet", "--out", "own");
  const result = JSON.parse(own.stdout) as TuneResult;
  expect([result.trainings, result.ended, result.final.epoch]).toEqual([3, "points", 3]);
  expect(readFileSync("own/report.html", "utf8")).toContain("ended when all points of the grid were tried");
  const { code, stderr } = await start(...grid, ...short, "--store", "study.db", "--study", "s").finished;
  expect([code, stderr]).toEqual([0, expect.stringContaining("the grid has 3 points")]);
  expect(stderr).toContain("3 trials, 3 to the end");
});

/** A search of three trainings in a run folder, and in a store. */
async function searchedBoth(
  rates: string,
  epochs: string,
  look: (code: number | null, stderr: string) => void,
) {
  const parts = [..."--data wine --hidden 4 --method grid --seed 1 --threads 1".split(" "), "--hyper", rates];
  const search = ["tune", ...parts, "--trial-epochs", epochs, "--no-baseline", "--quiet"];
  for (const where of [
    ["--epochs", "50"],
    ["--store", "study.db"],
  ]) {
    const { code, stderr } = await start(...search, ...where, "--out", "run").finished;
    look(code, stderr);
    rmSync("run", { recursive: true, force: true });
  }
}

test("a search all of whose trainings fail, after a finite loss, fails in a run folder and in a store", async () => {
  await searchedBoth("lr=1e7:1e6..1e8,log", "5", (code, stderr) => {
    expect(code).toBe(1);
    expect(stderr).toContain(
      "error: a search must have trainings that stay finite, but none did: 3 of 3 failed",
    );
    expect(existsSync("run/model.safetensors")).toBe(false);
  });
});

test("a search none of whose trainings comes below its untrained network has that, and says so, in a run folder and in a store", async () => {
  await searchedBoth("lr=1e4:1e3..1e5,log", "1", (code) => {
    expect(code).toBe(0);
    const { best, remarks } = JSON.parse(readFileSync("run/result.json", "utf8")).result as TuneResult;
    expect([best.epoch, remarks]).toEqual([
      0,
      [expect.stringMatching(/^No training has a lower validation loss than the untrained network/)],
    ]);
    expect(existsSync("run/model.safetensors")).toBe(true);
  });
});

test("a problem of the user's own, as a process: the module lies where nothing is installed", async () => {
  writeFileSync("mine.ts", readFileSync(new URL("../../examples/my-problem.ts", import.meta.url), "utf8"));
  const { code, stdout } = await start(
    "tune",
    "./mine.ts",
    "--epochs",
    "2",
    "--out",
    "run",
    "--quiet",
    "--json",
  ).finished;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ method: "delta-stn", steps: 2 });
  const resumed = await start("resume", "run", "--epochs", "3", "--quiet", "--json").finished;
  expect(JSON.parse(resumed.stdout)).toMatchObject({ steps: 3 });
});
