import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import type { StudySummary } from "../../src/cli/study/study-summary.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { idxImages, idxLabels } from "../data/idx.ts";
import { call, start, useFolder } from "./command.ts";

useFolder();

const settings = [
  ...["--data", "wine", "--hidden", "6", "--method", "random", "--trial-epochs", "40", "--batch-size", "10"],
  ...["--model", "mlp", "--engine", "onnx", "--store", "study.db", "--no-baseline", "--quiet", "--json"],
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

test("a study shows the baseline that the same search shows without a store", async () => {
  const search = ["tune", "--data", "wine", "--hidden", "6", "--method", "random", "--trial-epochs", "5"];
  const plain = [...search, "--batch-size", "10", "--engine", "onnx", "--quiet", "--json"];
  const alone = await call(...plain, "--epochs", "10");
  const stored = await call(...plain, "--store", "study.db", "--trials", "2");
  const [one, other] = [alone, stored].map(({ stdout }) => JSON.parse(stdout) as TuneResult);
  expect(one?.baseline?.valid.loss).toBeGreaterThan(0);
  expect(other?.baseline?.valid).toEqual(one?.baseline?.valid);
  expect(other?.best.valid.loss).toBe(one?.best.valid.loss);
  const without = await call(...plain, "--store", "study.db", "--trials", "2", "--no-baseline");
  expect((JSON.parse(without.stdout) as TuneResult).baseline).toBeUndefined();
});

test("a trial whose last steps come to its end is whole, though less was asked for", async () => {
  const method = ["--method", "median-stop", "--trial-epochs", "9"]; // looks every .9 epochs, and wine has whole ones
  const own = ["--data", "wine", "--hidden", "4", "--threads", "1", "--store", "study.db", "--study", "s"];
  await call("tune", ...own, ...method, "--trials", "2", "--no-baseline", "--quiet");
  expect((await numbersOf("s")).map(({ state, curve }) => [state, curve.at(-1)?.budget])).toEqual([
    ["complete", 9],
    ["complete", 9],
  ]);
});

test("a study that is interrupted hands its trials back, and the same command ends it", async () => {
  const { child, finished } = start("tune", ...settings, "--trials", "4", "--workers", "2");
  await using storage = await openStorage("study.db");
  while ((await storage.trials("wine-random-0")).length < 2) await sleep(20);
  child.kill("SIGINT");
  expect((await finished).code).toBe(130);
  expect(await storage.held("wine-random-0")).toEqual([]);
  expect(processesHere()).not.toContain("study.db");

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

test("workers whose command is killed stop in good order", async () => {
  const { child, finished } = start("tune", ...settings, "--trials", "50", "--workers", "2");
  await using storage = await openStorage("study.db");
  while ((await storage.trials("wine-random-0")).length < 2) await sleep(20);
  child.kill("SIGKILL");
  await finished;
  await expect.poll(processesHere, { timeout: 10_000 }).not.toContain("study.db");
  expect(await storage.held("wine-random-0")).toEqual([]);
});

test("a study is listed, shown, exported, added to and deleted", async () => {
  await call("tune", ...settings, "--trials", "1", "--study", "mine");
  const store = ["--store", "study.db"];
  const enqueue = (...values: readonly string[]) => call("study", "enqueue", "mine", ...values, ...store);
  const reopen = async (trials: number) => {
    await using storage = await openStorage("study.db");
    await storage.reopen("mine", ({ config }) => ({ ...(config as object), trials }));
  };
  expect(await enqueue("dropout.input=.25")).toMatchObject({
    ...{ code: 2, stderr: expect.stringContaining('"mine" is done with its 1;') as string },
  });
  expect((await call("study", "stop", "mine", ...store)).stderr).toBe("mine is done; nothing was changed\n");
  await reopen(2);
  const first = await enqueue("dropout.input=.25", "l2.fc1=1e-3");
  expect(first).toMatchObject({ code: 0, stderr: expect.stringMatching(/; 1 waiting\n$/) as string });
  const twice = await enqueue("l2.fc1=1e-3", "dropout.input=.25");
  expect(twice).toMatchObject({ code: 0, stderr: expect.stringContaining("waiting already") as string });
  await call("tune", ...settings, "--trials", "2", "--study", "mine");

  const shown = JSON.parse((await call("study", "show", "mine", "--json", ...store)).stdout) as StudySummary;
  expect(shown).toMatchObject({ name: "mine", state: "done", trials: [{ number: 0 }, { number: 1 }] });
  expect(shown.trials[1]).toMatchObject({
    ...{ state: "complete", epochs: 40, attempt: 1 },
    values: { "dropout.input": 0.25, "l2.fc1": 1e-3, "dropout.fc1": expect.any(Number) as number },
  });
  expect((await call("study", "show", "mine", ...store)).stdout).toMatch(
    /^mine: done, 2 trials, 2 to the end, best /,
  );
  expect((await call("study", "list", ...store)).stdout).toMatch(/mine +done +2 +2 /);
  const csv = (await call("study", "export", "mine", "--format", "csv", ...store)).stdout
    .trimEnd()
    .split("\n");
  expect(csv[0]).toBe("number,state,best,epochs,attempt,dropout.input,dropout.fc1,l2.fc1,l2.fc2");
  expect(csv[2]).toMatch(/^1,complete,[\d.]+,40,1,0.25,/);
  await call("study", "export", "mine", "--format", "optuna-journal", "--out", "mine.log", ...store);
  const kept = readFileSync("mine.log");
  const over = ["study", "export", "mine", "--out", "mine.log", ...store];
  expect(await call(...over)).toMatchObject({
    ...{ code: 2, stderr: expect.stringMatching(/^error: --out must be a new file.* --force/) as string },
  });
  expect(readFileSync("mine.log")).toEqual(kept);
  expect((await call(...over, "--format", "csv", "--force")).code).toBe(0);
  expect(readFileSync("mine.log", "utf8").trimEnd().split("\n")).toEqual(csv);
  await call(...over, "--format", "optuna-journal", "--force");
  const [study, ...trials] = readFileSync("mine.log", "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  expect(study).toMatchObject({ op_code: 0, study_name: "mine", directions: [1] });
  expect(trials[1]).toMatchObject({
    op_code: 4,
    state: 1,
    value: shown.trials[1]?.best,
    params: { "dropout.input": 0.25 },
  });

  await reopen(3);
  expect((await enqueue("dropout.input=.25", "l2.fc1=1e-3")).stderr).toContain("although trial 1 has them");
  const refused = await call("study", "enqueue", "mine", "dropout.input=2", ...store);
  expect({ code: refused.code, stderr: refused.stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^error: .*dropout.input/) as string,
  });
  expect((await call("study", "enqueue", "mine", "dropout.input=0", ...store)).code).toBe(2);
  expect((await call("study", "enqueue", "mine", "dropout.inptu=.1", ...store)).stderr).toMatch(
    /did you mean/,
  );
  expect((await call("study", "delete", "mine", ...store)).code).toBe(0);
  expect((await call("study", "list", ...store)).stdout).toBe("study.db holds no study\n");
  expect((await call("study", "list", "--store", "other.db")).stderr).toMatch(
    /^error: a store must be there/,
  );
});

test("a store that is removed under its workers ends the command with a sentence", async () => {
  const { finished } = start("tune", ...settings, "--trials", "50", "--workers", "2");
  while (!existsSync("study.db")) await sleep(20);
  await using storage = await openStorage("study.db");
  while ((await storage.trials("wine-random-0")).length < 2) await sleep(20);
  for (const end of ["", "-wal", "-shm"]) rmSync(`study.db${end}`, { force: true });
  const { code, stderr } = await finished;
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^error: the store .*study.db must stay .* was removed;.*\n$/) as string,
  });
});

const python = "/usr/bin/python3";
const hasOptuna = spawnSync(python, ["-c", "import optuna"]).status === 0;

test.skipIf(!hasOptuna)("Optuna loads an exported study and goes on with it", async () => {
  await call("tune", ...settings, "--trials", "2", "--study", "mine");
  await call(
    "study",
    "export",
    "mine",
    "--format",
    "optuna-journal",
    "--out",
    "mine.log",
    "--store",
    "study.db",
  );
  const program = `
import json, optuna
from optuna.storages import JournalStorage, JournalFileStorage
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.load_study(study_name="mine", storage=JournalStorage(JournalFileStorage("mine.log")))
before = [[t.state.name, t.value, t.params, len(t.intermediate_values)] for t in study.trials]
names = study.trials[0].distributions
study.optimize(lambda t: sum(t._suggest(n, d) for n, d in names.items()), n_trials=3)
print(json.dumps({"before": before, "after": len(study.trials), "best": study.best_value}))`;
  const { stdout } = spawnSync(python, ["-W", "ignore", "-c", program], { encoding: "utf8" });
  const { trials } = JSON.parse(
    (await call("study", "show", "mine", "--json", "--store", "study.db")).stdout,
  ) as StudySummary;
  expect(JSON.parse(stdout)).toMatchObject({
    before: trials.map(({ best, values }) => ["COMPLETE", best, values, 40]),
    after: 5,
  });
});

test("what a study cannot be is said in one sentence", async () => {
  for (const flag of ["--trials", "--workers", "--study"]) {
    const { code, stderr } = await call("tune", "--data", "wine", "--method", "random", flag, "2");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`${flag} must come with --store`) as string,
    });
  }
  for (const [flag, instead] of [
    ["--epochs=3", "--trial-epochs says"],
    ["--time=1m", "--trials says"],
    ["--patience=3", "--method hyperband or median-stop"],
    ["--watch", "`hypertrain study show`"],
  ] as const) {
    const { code, stderr } = await call("tune", ...settings, flag);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^error: --[a-z]+ must be left out with --store, .*\n$/) as string,
    });
    expect(stderr).toContain(instead);
  }
  expect((await call("tune", "--data", "wine", "--store", "study.db")).stderr).toMatch(
    /^error: --store must be left out for delta-stn, which has no use for it, .* it is for grid, random, /,
  );
  await (await openStorage("study.db"))[Symbol.asyncDispose]();
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

/** The command lines of processes that run in this folder: others of the machine may have a study of the same name. */
function processesHere(): string {
  const lines = execFileSync("ps", ["-eo", "pid=,args="]).toString().split("\n");
  return lines.filter((line) => cwdOf(line.trim().split(" ")[0] as string) === process.cwd()).join("\n");
}

/** Where a process runs; this folder where the system does not tell. */
function cwdOf(pid: string): string {
  if (process.platform !== "linux") return process.cwd();
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ""; // it has ended
  }
}

test("a study and a comparison go on wherever their data lie, with the same data alone", async () => {
  const labels = (rows: number) => idxLabels(Array.from({ length: rows }, (_, i) => (7 * i) % 10));
  for (const [folder, width] of [
    ["here", 2],
    ["there", 2],
    ["others", 3],
  ] as const) {
    const place = join(folder, "mnist");
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "train-images-idx3-ubyte"), idxImages(40, 3, width));
    writeFileSync(join(place, "train-labels-idx1-ubyte"), labels(40));
    writeFileSync(join(place, "t10k-images-idx3-ubyte"), idxImages(12, 3, width));
    writeFileSync(join(place, "t10k-labels-idx1-ubyte"), labels(12));
  }
  const images = ["--data", "mnist", "--hidden", "4", "--engine", "onnx", "--threads", "1", "--quiet"];
  const search = [...images, "--method", "random", "--trial-epochs", "1", "--no-baseline", "--study", "s"];
  const tune = (folder: string, trials: string) =>
    call("tune", ...search, "--store", "study.db", "--trials", trials, "--data-dir", folder);
  const pairs = ["--methods", "random", "--budget-steps", "8", "--store", "study.db", "--study", "c"];
  const compare = (folder: string, seeds: string) =>
    call(
      "compare",
      ...images,
      ...pairs,
      "--seeds",
      seeds,
      "--data-dir",
      folder,
      "--out",
      `compared-${folder}`,
    );
  const attempts = (of: (folder: string, how: string) => ReturnType<typeof call>) =>
    [
      ["here", "1"],
      ["there", "2"],
      ["others", "2"],
    ].map(
      ([folder = "", how = ""]) =>
        () =>
          of(folder, how),
    );
  for (const [here, there, others] of [attempts(tune), attempts(compare)]) {
    expect(await here?.()).toMatchObject({ code: 0 });
    expect(await there?.()).toMatchObject({ code: 0 });
    expect(await others?.()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/the data|the same problem/) as string,
    });
  }
  expect(await numbersOf("s")).toHaveLength(2);
});
