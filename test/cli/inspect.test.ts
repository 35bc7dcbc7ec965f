import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { DataReport } from "../../src/api/data-report.ts";
import type { TuneResult } from "../../src/api/result.ts";
import { call, useFolder } from "./command.ts";

useFolder();

/** People with amounts as a German spreadsheet writes them; pay is skewed. */
const people = [
  "id;town;spent;pay",
  ...Array.from(
    { length: 100 },
    (_, i) =>
      `${i + 1};${["Ulm", "Graz", ""][i % 3]};1.${String(100 + ((i * 37) % 900))},50 €;${String(Math.exp((i % 10) / 2)).replace(".", ",")}`,
  ),
].join("\r\n");

test("inspect says in few lines what a table holds and what becomes of it", async () => {
  writeFileSync("people.csv", `\ufeff${people}`);
  const { code, stdout, stderr } = await call("inspect", "people.csv", "--target", "pay");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.split("\n").map((line) => line.replace(/\S*people\.csv/, "people.csv"))).toEqual([
    "people.csv: 100 rows, 4 columns (3 of numbers, 1 of text)",
    `target "pay": a number from 1 to ${Math.exp(4.5)}`,
    "parts: 60 rows train, 20 validate, 20 test",
    "inputs: 4 features from 2 columns",
    expect.stringMatching(/^network: wide-and-deep, \d+ weights$/),
    expect.stringMatching(
      /^hyperparameters \(delta-stn\): dropout\.input 0\.1 \(0 to 0\.95\), dropout\.fc1 0\.3 \(0 to 0\.95\), .*, l2\.fc1 to l2\.fc3 \(3\) 0\.01, l2\.wide 0\.006667$/,
    ),
    expect.stringMatching(/^training: 60 examples a step, 1 step an epoch, \d+ epochs$/),
    "",
    "About the data:",
    '- 1 column of people.csv is left out: "id" (identifiers); --keep takes one in',
    expect.stringMatching(/^- 33 values of people\.csv are missing in 1 column \("town" 33\)/),
    expect.stringMatching(
      /^- numbers of people\.csv in "spent" are read with a decimal comma and points between thousands and the currency €; those in "pay" with a decimal comma$/,
    ),
    "",
  ]);
  const { stdout: json } = await call("inspect", "people.csv", "--target", "pay", "--json");
  expect(JSON.parse(json)).toMatchObject({
    rows: 100,
    task: "regression",
    features: 4,
    columns: { length: 4 },
  });
});

test("inspect reads a column as the type that is asked for, and refuses what names none", async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${["01234", "94105"][i % 2]},${i % 9},${i % 7}.5`);
  writeFileSync("zips.csv", ["zip,floor,y", ...rows].join("\n"));
  const inspected = (types: string) =>
    call("inspect", "zips.csv", "--target", "y", "--types", types, "--json");
  const { stdout } = await inspected("zip=number,floor=text");
  expect((JSON.parse(stdout) as DataReport).columns.map(({ kind }) => kind)).toEqual([
    "number",
    "text",
    "number",
  ]);
  expect((await inspected("zip")).stderr).toBe(
    'error: --types must have a type for each column, such as zip=text, but got "zip"; write COLUMN=text, COLUMN=number or COLUMN=date\n',
  );
  expect((await inspected("zip=text,zip=number")).stderr).toContain("must have each name once");
  expect((await inspected("zip=word")).stderr).toContain('"zip" of --types must be one of text, number');
});

test("inspect needs a target that is a column", async () => {
  writeFileSync("people.csv", people);
  expect(await call("inspect", "people.csv")).toMatchObject({
    code: 2,
    stderr:
      "error: --target must name the column to predict, but is missing; name a column of people.csv, or for a text give `hypertrain inspect text --data-dir people.csv`\n",
  });
  expect(await call("inspect", "people.csv", "--target", "pat")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "pay"?') as string,
  });
});

test("a text that is taken for a table is refused with what reads it", async () => {
  writeFileSync("book.txt", "Call me Ishmael.");
  for (const [argv, told] of [
    [["inspect", "book.txt"], /, or for a text give `hypertrain inspect text --data-dir book\.txt`$/m],
    [
      ["tune", "--data", "book.txt"],
      /, or for a text take --data text --data-dir \S*book\.txt --model lstm$/m,
    ],
  ] as const) {
    expect(await call(...argv)).toMatchObject({ code: 2, stderr: expect.stringMatching(told) as string });
  }
});

test("a regression's errors are told in the target's own units, and the report has the columns", async () => {
  writeFileSync("people.csv", people);
  const options = ["--epochs", "2", "--hidden", "4", "--no-baseline", "--target-transform", "log", "--json"];
  const { code, stdout } = await call("tune", "--data", "./people.csv", "--target", "pay", ...options);
  expect(code).toBe(0);
  const { best, data, run } = JSON.parse(stdout) as TuneResult;
  const { RMSE = 0, MAE = 0 } = best.test?.measures ?? {};
  expect(RMSE).toBeGreaterThanOrEqual(MAE);
  // The test part's own mean and R2 = 1 - RMSE² / variance give the variance back: that of pay in its own units.
  const variance = RMSE ** 2 / (1 - (best.test?.metric?.value as number));
  expect(variance).toBeGreaterThan(100);
  expect(variance).toBeLessThan(2000);
  expect(data?.target).toBe("pay");
  expect(readFileSync(`${run}/report.html`, "utf8")).toContain("left out: identifiers");
});

test("classes get balanced accuracy, F1 and a confusion matrix, in the terminal and in the report", async () => {
  writeFileSync(
    "kinds.csv",
    ["x,kind", ...Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 6 ? "common" : "rare"}`)].join("\n"),
  );
  const options = [
    "--epochs",
    "2",
    "--hidden",
    "4",
    "--no-baseline",
    "--class-weights",
    "balanced",
    "--quiet",
  ];
  const { code, stdout } = await call(
    "tune",
    "--data",
    "kinds.csv",
    "--target",
    "kind",
    ...options,
    "--out",
    "run",
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/balanced accuracy +[\d.]+ % +[\d.]+ %\n +macro F1 +[\d.]+ % +[\d.]+ %/);
  const trace = readFileSync("run/metrics.jsonl", "utf8").trim().split("\n");
  const { test: score } = JSON.parse(trace.at(-1) as string) as { test: { confusion: number[][] } };
  expect(score.confusion.map((row) => (row[0] as number) + (row[1] as number))).toEqual([10, 2]);
  expect(readFileSync("run/report.html", "utf8")).toMatch(/<h2>Measures<\/h2>[\s\S]*>common<[\s\S]*>rare</);
});

test("a configuration may have a byte order mark, be called .JSON, and name the home folder", async () => {
  mkdirSync("home");
  writeFileSync("home/people.csv", people);
  writeFileSync(
    "run.JSON",
    `\ufeff${JSON.stringify({ target: "pay", hidden: [4], epochs: 9, baseline: false })}`,
  );
  const before = process.env.HOME;
  process.env.HOME = `${process.cwd()}/home`;
  try {
    const { code, stderr } = await call("tune", "run.JSON", "--data=~/people.csv", "--quiet");
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
  } finally {
    process.env.HOME = before;
  }
});

test.each([
  [["--group", "town", "--stratify"], "the rows must be split in one way, but got --group and --stratify"],
  [
    ["--separator", "ab"],
    '--separator must be one character such as , ; or |, or tab or whitespace, but got "ab"',
  ],
  [["--stratify"], '--stratify must come with classes, but "pay"'],
  [["--missing", "error"], 'but a column lacks some: "town" 33 (first in line 4)'],
  [["--missing", "drop"], "--missing must be one of auto, error"],
])("%j is an error in a sentence", async (flags, sentence) => {
  writeFileSync("people.csv", people);
  const { code, stderr } = await call("inspect", "people.csv", "--target", "pay", ...flags);
  expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
});

test("inspect tells of one row as of one", async () => {
  writeFileSync("few.csv", "a,y\n1,1.5\n2,2.5\n4,3.5\n8,4.5\n9,5.5\n");
  const { stdout } = await call("inspect", "few.csv", "--target", "y", "--batch-size", "1");
  expect(stdout).toMatch(/\nparts: 3 rows train, 1 validates, 1 tests\n/);
  expect(stdout).toMatch(/\ntraining: 1 example a step, /);
});
