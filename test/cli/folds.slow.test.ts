import { readFileSync, writeFileSync } from "node:fs";

import * as node from "onnxruntime-node";
import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import type { ModelDocument } from "../../src/artifacts/model-document.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { call, traceOf, useFolder } from "./command.ts";

useFolder();

const ROWS = 60;
const z = randomNormal(randomKey(5, "folds"), 0, 3 * ROWS);
const lines = (target: (signal: number) => string | number) =>
  Array.from({ length: ROWS }, (_, i) => {
    const [a, b, c] = [0, 1, 2].map((j) => z[3 * i + j] as number) as [number, number, number];
    return `${a.toFixed(4)},${b.toFixed(4)},${target(a + 0.5 * b + 0.5 * c)}`;
  }).join("\n");
const tune = (...flags: string[]) =>
  call(
    ...["tune", "--data", "./t.csv", "--target", "y", "--folds", "3", "--hidden", "4", "--json", "--quiet"],
    ...["--epochs", "12", "--warmup-epochs", "2", "--batch-size", "16", "--no-baseline", ...flags],
  );

test.each([
  ["classes", (signal: number) => (signal > 0 ? "yes" : "no")],
  ["numbers", (signal: number) => (10 + 3 * signal).toFixed(4)],
] as const)("of %s: predict and model.onnx answer by all networks", async (_, target) => {
  writeFileSync("t.csv", `a,b,y\n${lines(target)}\n`);
  const tuned = await tune("--out", "run");
  expect(tuned.code, tuned.stderr).toBe(0);
  const { best } = JSON.parse(tuned.stdout) as TuneResult;
  const document = JSON.parse(readFileSync("run/model.json", "utf8")) as ModelDocument;
  expect(document).toMatchObject({ ensemble: 3, split: { folds: 3, train: 48, valid: 48, test: 12 } });

  const asked = await call("predict", "run", "t.csv", "--json");
  expect(asked.code, asked.stderr).toBe(0);
  const answers = JSON.parse(asked.stdout) as { values: (string | number)[]; probabilities?: number[][] };
  const session = await node.InferenceSession.create(readFileSync("run/model.onnx"));
  const column = (j: number) =>
    new node.Tensor(
      "float32",
      Float32Array.from({ length: ROWS }, (_, i) => Number((z[3 * i + j] as number).toFixed(4))),
      [ROWS, 1],
    );
  const { prediction, probabilities } = await session.run({ a: column(0), b: column(1) });
  const found = Array.from(prediction?.data as ArrayLike<string | number>);
  if (typeof answers.values[0] === "number")
    answers.values.forEach((value, i) => expect(found[i]).toBeCloseTo(value as number, 4));
  else expect(found).toEqual(answers.values);
  answers.probabilities?.flat().forEach((p, i) => expect(probabilities?.data[i]).toBeCloseTo(p, 5));
  expect(best.test?.loss).toBeGreaterThan(0);
});

test("a run that is stopped and resumed is the same", async () => {
  writeFileSync("t.csv", `a,b,y\n${lines((signal) => signal.toFixed(4))}\n`);
  const straight = ["--restart", "never"]; // when it begins anew goes by the length that a run was begun with
  expect((await tune("--out", "run", ...straight)).code).toBe(0);
  expect((await tune("--out", "part", "--epochs", "7", ...straight)).code).toBe(0);
  const resumed = await call("resume", "part", "--epochs", "12", "--json", "--quiet");
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(traceOf("part")).toEqual(traceOf("run"));
});

test("what does not go with folds is refused", async () => {
  writeFileSync("t.csv", `a,b,y\n${lines((signal) => (signal > 0 ? "yes" : "no"))}\n`);
  expect((await tune("--valid", "0.3")).stderr).toContain("--valid must be left out with --folds");
  expect((await tune("--folds", "49")).stderr).toContain("but got 48 rows and 49 folds");
  expect((await tune("--split-by", "tail")).stderr).toContain("--split-by must be seed with --folds");
  expect((await tune("--out", "run", "--epochs", "3")).code).toBe(0);
  expect((await call("refit", "run")).stderr).toContain("must be one without --folds to be refitted");
});

test("a guard among folds is explained before the start", async () => {
  writeFileSync("t.csv", `a,b,y\n${lines((signal) => (signal > 0 ? "yes" : "no"))}\n`);
  const given = [
    "--data",
    "./t.csv",
    "--target",
    "y",
    "--folds",
    "2",
    "--hidden",
    "2",
    "--epochs",
    "1",
    "--no-baseline",
  ];
  const warned = /the guard, 0\.3 of all rows, .* its rows train the networks of the other folds/;
  expect((await call("tune", ...given, "--guard", "0.3")).stderr).toMatch(warned);
  expect((await call("tune", ...given)).stderr).not.toMatch(/the guard/);
});
