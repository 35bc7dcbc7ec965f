import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test, vi } from "vitest";

import { studyDesk } from "../../src/cli/serve/study-desk.ts";
import type { StudySummary } from "../../src/cli/study/study-summary.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const store = ["--store", "study.db"];
const shownOf = async (study: string) =>
  JSON.parse((await call("study", "show", study, "--json", ...store)).stdout) as StudySummary;

const float = (low: number, high: number, log = false) =>
  JSON.stringify({ name: "FloatDistribution", attributes: { step: null, low, high, log } });
const choices = JSON.stringify({
  name: "CategoricalDistribution",
  attributes: { choices: ["a", 2, true, "None"] },
});

/** A journal of two studies, of which the second maximizes: trials of all states, one on the edge of its range, and a torn last line. */
const journal = [
  { op_code: 0, study_name: "first", directions: [1] },
  { op_code: 0, study_name: "second", directions: [2] },
  { op_code: 4, study_id: 1 },
  { op_code: 5, trial_id: 0, param_name: "x", param_value_internal: -5, distribution: float(-5, 5) },
  { op_code: 5, trial_id: 0, param_name: "c", param_value_internal: 3, distribution: choices },
  { op_code: 7, trial_id: 0, step: 1, intermediate_value: "NAN" },
  { op_code: 6, trial_id: 0, state: 1, values: [7] },
  { op_code: 5, trial_id: 0, param_name: "x", param_value_internal: 4, distribution: float(-5, 5) }, // too late
  {
    op_code: 4,
    study_id: 1,
    state: 2,
    value: 4,
    params: { x: 1, c: 1 },
    distributions: { x: float(-9, 5), c: choices },
  },
  {
    op_code: 4,
    study_id: 1,
    state: 3,
    params: { x: 2, c: 0 },
    distributions: { x: float(-5, 5), c: choices },
  },
  { op_code: 4, study_id: 1, state: 1, value: 1, params: { c: 2 }, distributions: { c: choices } },
  { op_code: 4, study_id: 1 },
]
  .map((line) => `${JSON.stringify(line).replace('"NAN"', "NaN")}\n`)
  .join("");

test("a journal is played as Optuna plays it, and its study goes on here", async () => {
  writeFileSync("j.log", `${journal}{"op_code": 6, "tri`);
  const { code, stderr } = await call(
    "study",
    "import",
    "j.log",
    "second",
    "--as",
    "ours",
    "--trials",
    "6",
    ...store,
  );
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(
      /^the last line of j\.log, line 13, was cut short, and was left out: {"op_code": 6, "tri\n.*sign turned\n1 of its trials have not ended.*\n1 of its trials lack.*\nours: 4 trials;/,
    ) as string,
  });
  const { trials } = await shownOf("ours");
  expect(trials).toMatchObject([
    { state: "complete", best: -7, values: { c: "None" } },
    { state: "paused", best: -4, values: { x: 1, c: 2 }, reason: "it was pruned in Optuna" },
    { state: "failed", best: null, values: { x: 2, c: "a" } },
    { state: "complete", best: -1, values: { c: true } },
  ]);
  expect(trials[0]?.values["x"]).toBe(-5);
  await using storage = await openStorage("study.db");
  const desk = studyDesk(storage, performance, () => {});
  for (const number of [4, 5]) {
    const asked = await desk.ask("ours", {});
    expect(asked).toMatchObject({ kind: "trial", trial: number });
    await desk.tell({ study: "ours", trial: number, attempt: 1 }, { loss: 0 });
  }
  expect(await desk.ask("ours", {})).toEqual({ kind: "done" });
  const again = await call("study", "import", "j.log", "second", "--as", "ours", ...store);
  expect(again).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("choose another name with --as") as string,
  });
});

test("pruned trials of an imported study are told as stopped early, and why others failed", async () => {
  writeFileSync("j.log", journal);
  expect(await call("study", "import", "j.log", "second", ...store)).toMatchObject({ code: 0 });
  expect((await call("study", "list", ...store)).stdout).toMatch(/ second +stopped +4 +2 +1 +1 /);
  expect((await call("study", "show", "second", ...store)).stdout).toMatch(
    /^second: stopped, 4 trials, 2 to the end, 1 stopped early, 1 failed without a finite loss, best [^]*\n\ntrial 2 failed: it failed in Optuna\n$/,
  );
});

test("a study is imported to where its artifacts are wanted, and nothing is made where it cannot be", async () => {
  writeFileSync("j.log", journal);
  const take = (...more: string[]) =>
    call("study", "import", "j.log", "second", "--trials", "5", ...store, ...more);
  expect(await take("--artifacts", "ftp://x")).toMatchObject({
    ...{
      code: 2,
      stderr: expect.stringMatching(/^error: --artifacts must be sql, file:DIR or s3/) as string,
    },
  });
  vi.stubEnv("AWS_ACCESS_KEY_ID", "");
  expect(await take("--artifacts", "s3://bucket")).toMatchObject({ code: 2 });
  vi.unstubAllEnvs();
  expect(await call("study", "import", "nowhere.log", ...store)).toMatchObject({ code: 2 });
  expect(existsSync("study.db")).toBe(false);
  expect(await take("--artifacts", "file:kept")).toMatchObject({ code: 0 });
  await using storage = await openStorage("study.db");
  const desk = studyDesk(storage, performance, () => {});
  const asked = await desk.ask("second", {});
  if (asked.kind !== "trial") throw new Error("a trial was expected");
  await desk.keep({ study: "second", ...asked }, new TextEncoder().encode("half-way"));
  const files = readdirSync("kept", { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  expect(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"))).toEqual([
    "half-way",
  ]);
});

test("objectives keep their names and directions where Optuna has them, and the loss is the first of them", async () => {
  const lines = [
    { op_code: 0, study_name: "two", directions: [2, 1] },
    { op_code: 3, study_id: 0, system_attr: { "study:metric_names": ["accuracy", "seconds"] } },
    ...[0.5, 0.9].map((accuracy, i) => ({
      ...{ op_code: 4, study_id: 0, state: 1, values: [accuracy, 3 + i] },
      ...{ params: { x: i }, distributions: { x: float(-5, 5) }, system_attrs: { constraints: [i - 0.5] } },
    })),
    { op_code: 4, study_id: 0, state: 3, params: { x: 2 }, distributions: { x: float(-5, 5) } },
  ];
  writeFileSync("two.log", lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const { stderr } = await call("study", "import", "two.log", "--trials", "4", ...store);
  expect(stderr).toMatch(
    /^Optuna maximizes the first objective: .*\n.*tell accuracy, values_1, constraint_0 as measures/,
  );
  const { best, front, trials } = await shownOf("two");
  expect([best, front]).toEqual([0, [0]]);
  expect(trials).toMatchObject([
    { best: -0.5, measures: { accuracy: 0.5, values_1: 3, constraint_0: -0.5 } },
    { best: -0.9, measures: { accuracy: 0.9, values_1: 4, constraint_0: 0.5 }, beyond: true },
    { state: "failed" },
  ]);
  await using storage = await openStorage("study.db");
  const desk = studyDesk(storage, performance, () => {});
  const spec = {
    ...({
      name: "two",
      space: { x: { kind: "real", low: -5, high: 5 } },
      method: "nsga-2",
      trials: 4,
    } as const),
    ...({
      objectives: { accuracy: "maximize", values_1: "minimize" },
      bounds: { constraint_0: { most: 0 } },
    } as const),
  };
  expect(await desk.create(spec)).toEqual({ name: "two", created: false });
  expect(await desk.ask("two", {})).toMatchObject({ kind: "trial", trial: 3 });
  const told = { loss: 0, measures: { accuracy: 0, values_1: 9, constraint_0: 0 } };
  await desk.tell({ study: "two", trial: 3, attempt: 1 }, told);
  const exported = (
    await call("study", "export", "two", "--format", "optuna-journal", ...store)
  ).stdout.split("\n");
  const [created, first] = exported.slice(0, 2).map((line) => JSON.parse(line) as object);
  expect([created, first]).toMatchObject([
    { directions: [2, 1] },
    { values: [0.5, 3], system_attrs: { constraints: [-0.5] } },
  ]);
});

test.each([
  ["none.log", undefined, /none\.log/],
  ["j.log", undefined, /must be named, but got none; it has first, second/],
  ["j.log", "third", /must be named, but got "third"/],
  ["j.log", "first", /must have trials that ended, but "first" has none/],
  ["text.md", undefined, /must be a journal or a SQLite file of Optuna, but its line 1 is # Hello/],
  [
    "null.log",
    undefined,
    /must be a journal or a SQLite file of Optuna, but its line 1 is null; name another/,
  ],
  ["other.db", undefined, /must be a SQLite file of Optuna, but could not be read/],
  ["step.log", undefined, /must have no steps, but "x" has steps of 0.5/],
  ["none-of.log", undefined, /one of "c" is null/],
  ["empty.log", undefined, /must hold a study of Optuna, but holds none/],
])("what cannot be imported is said in a sentence: %s %s", async (file, name, sentence) => {
  writeFileSync("j.log", journal);
  writeFileSync("text.md", "# Hello\nyou\n");
  writeFileSync("empty.log", "");
  writeFileSync("null.log", "null\nnull\n");
  writeFileSync(
    "step.log",
    journal
      .replaceAll('{ "op', '{"op')
      .replaceAll('step\\":null', 'step\\":0.5')
      .split("\n")
      .slice(1)
      .join("\n")
      .replaceAll('"study_id":1', '"study_id":0'),
  );
  writeFileSync(
    "none-of.log",
    journal
      .replaceAll('\\"None\\"', "null")
      .split("\n")
      .slice(1)
      .join("\n")
      .replaceAll('"study_id":1', '"study_id":0'),
  );
  await (await openStorage("other.db"))[Symbol.asyncDispose]();
  const before = readFileSync("other.db");
  const { code, stderr } = await call("study", "import", file, ...(name ? [name] : []), ...store);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^error: .*\n$/) as string });
  expect(stderr).toMatch(sentence);
  expect(readFileSync("other.db")).toEqual(before);
});

test("an export does not write over the store that it reads, by whatever name", async () => {
  writeFileSync("j.log", journal);
  await call("study", "import", "j.log", "second", ...store);
  symlinkSync("study.db", "link.db");
  for (const out of ["study.db", "./study.db", "link.db", "study.db-wal"]) {
    const { code, stderr } = await call("study", "export", "second", "--out", out, "--force", ...store);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--out must be no file of a database")]);
  }
  expect((await shownOf("second")).trials).not.toEqual([]);
  expect(await call("study", "export", "second", "--out", "second.json", ...store)).toMatchObject({
    ...{ code: 0, stdout: "the study is in second.json\n" },
  });
});

test.skipIf(!existsSync("/proc/self"))(
  "a file where none can be made is refused as that, and not for its folder",
  async () => {
    writeFileSync("j.log", journal);
    await call("study", "import", "j.log", "second", ...store);
    const { code, stderr } = await call("study", "export", "second", "--out", "/proc/x.csv", ...store);
    expect([code, stderr]).toEqual([
      2,
      "error: /proc/x.csv must be on a disk that files can be made on, but /proc takes none; choose another\n",
    ]);
    const lacking = await call("study", "export", "second", "--out", "nowhere/x.csv", ...store);
    expect(lacking.stderr).toMatch(/^error: nowhere must exist, but does not; check the path\n$/);
  },
);
