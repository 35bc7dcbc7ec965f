import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { call, start, useFolder } from "./command.ts";

useFolder();

const settings = [
  ...["--data", "wine", "--hidden", "6", "--method", "random", "--trial-epochs", "40", "--batch-size", "10"],
  ...["--engine", "onnx", "--store", "study.db", "--quiet", "--json"],
];

const numbersOf = async (study: string) => {
  await using storage = await openStorage("study.db");
  const trials = await storage.trials(study);
  return trials.map(({ number, values, state, curve }) => ({ number, values, state, curve }));
};

test("a study of which a worker is killed ends with the numbers of one that nobody disturbed", async () => {
  const calm = await start("tune", ...settings, "--trials", "3", "--study", "calm").finished;
  expect(calm.stderr).toBe("");
  const result = JSON.parse(calm.stdout) as TuneResult;
  expect(result.trainings).toBe(3);

  const { finished } = start("tune", ...settings, "--trials", "3", "--study", "stormy", "--workers", "2");
  await using storage = await openStorage("study.db");
  let owner: string | undefined;
  while (owner === undefined) {
    owner = (await storage.held("stormy"))[0]?.worker;
    await sleep(20);
  }
  process.kill((JSON.parse(owner) as { readonly pid: number }).pid, "SIGKILL");
  const stormy = await finished;
  expect({ code: stormy.code, stderr: stormy.stderr }).toEqual({ code: 0, stderr: "" });
  expect(await numbersOf("stormy")).toEqual(await numbersOf("calm"));
  expect((JSON.parse(stormy.stdout) as TuneResult).best.valid.loss).toBe(result.best.valid.loss);
  const attempts = (await storage.trials("stormy")).map(({ attempt }) => attempt);
  expect(attempts.reduce((sum, attempt) => sum + attempt)).toBeGreaterThan(3);
});

test("a study that is interrupted hands its trials back, and the same command ends it", async () => {
  const { child, finished } = start("tune", ...settings, "--trials", "4", "--workers", "2");
  await using storage = await openStorage("study.db");
  while ((await storage.trials("wine-random-0")).length < 2) await sleep(20);
  child.kill("SIGINT");
  expect((await finished).code).toBe(130);
  expect(await storage.held("wine-random-0")).toEqual([]);
  expect(execFileSync("ps", ["-eo", "args"]).toString()).not.toContain("study.db");

  const again = await call("tune", ...settings, "--trials", "4");
  expect(again.code).toBe(0);
  const { run } = JSON.parse(again.stdout) as TuneResult;
  expect((await call("resume", run)).stderr).toMatch(
    /^error: .* lies in a store; go on with `hypertrain tune --store/,
  );
  expect((await storage.trials("wine-random-0")).map(({ state }) => state)).toEqual(
    Array(4).fill("complete"),
  );
});

test("what a study cannot be is said in one sentence", async () => {
  expect((await call("tune", "--data", "wine", "--store", "study.db")).stderr).toMatch(
    /^error: --store must go with a method that trains several times, .* but got delta-stn;/,
  );
  expect((await call("work", "study.db")).stderr).toMatch(
    /^error: a store that is worked on must hold a study/,
  );
  await call("tune", ...settings, "--trials", "1");
  expect(
    (await call("tune", ...settings, "--trials", "1", "--hidden", "7", "--study", "wine-random-0")).stderr,
  ).toMatch(
    /^error: the study "wine-random-0" in .*study.db must be of the same search, but differs in hidden;/,
  );
  expect((await call("work", "study.db", "--study", "wine")).stderr).toMatch(
    /^error: --study must name a study of study.db, but got "wine"; it has wine-random-0/,
  );
});
