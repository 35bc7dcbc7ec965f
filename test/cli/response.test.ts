import { existsSync, readFileSync } from "node:fs";

import { beforeEach, describe, expect, test } from "vitest";

import { call, useFolder } from "./command.ts";

useFolder();

const small = ["--hidden", "4", "--epochs", "3", "--no-baseline", "--quiet", "--out", "run"] as const;
const trained = async (...options: readonly string[]) => {
  const { code, stderr } = await call("tune", ...small, ...options);
  expect(stderr).toBe("");
  expect(code).toBe(0);
};

interface Curve {
  readonly current: number;
  readonly best: { readonly value: number; readonly valid: number };
  readonly points: readonly { value: number; train: number; penalty: number; valid: number; test: number }[];
}

describe("the response of a run", () => {
  test("at the hyperparameters where it ended predicts the losses of its last trace point", async () => {
    await trained("--method", "hyper-training-global", "--hyper", "l2=1e-3", "--samples", "3");
    const last = JSON.parse(
      readFileSync("run/metrics.jsonl", "utf8").trim().split("\n").at(-1) as string,
    ) as {
      hyperparameters: { l2: { value: number } };
      valid: { loss: number };
      test: { loss: number };
    };
    const { value } = last.hyperparameters.l2;
    const range = ["--from", String(value), "--to", String(2 * value), "--points", "3"];
    const { stdout, stderr, code } = await call("response", "run", "--hyper", "l2", ...range, "--json");
    expect(code).toBe(0);
    const { points, current, best } = JSON.parse(stdout) as Curve;
    expect(current).toBeCloseTo(value, 10);
    expect(points).toHaveLength(3);
    expect(points[0]?.valid).toBeCloseTo(last.valid.loss, 5);
    expect(points[0]?.test).toBeCloseTo(last.test.loss, 5);
    expect(points[1]?.value).toBeCloseTo(value * Math.SQRT2, 10); // even steps of the logarithm
    expect(new Set(points.map(({ valid }) => valid)).size).toBe(3);
    expect(points.every(({ penalty }) => penalty > 0)).toBe(true);
    expect(best.valid).toBe(Math.min(...points.map(({ valid }) => valid)));
    expect(stderr).toMatch(/training loss +penalty +validation loss +test loss/);
    expect(readFileSync("run/response/l2.svg", "utf8")).toMatch(/^<svg [^]*predicted loss[^]*<\/svg>\s*$/);
    expect(JSON.parse(readFileSync("run/response/l2.json", "utf8"))).toEqual(JSON.parse(stdout));
  });

  test("of a self-tuning network shows one element of many, with the weights on request", async () => {
    await trained("--method", "delta-stn", "--hyper", "l2.each=1e-3");
    const asked = ["--hyper", "l2.each[7]", "--from", "1e-4", "--to", "1e-2", "--points", "2"];
    const { code, stdout } = await call(
      "response",
      "run",
      ...asked,
      "--weights",
      "w/all.safetensors",
      "--out",
      "o",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/l2\.each\[7\]/);
    expect(existsSync("o/l2.each-7-.svg")).toBe(true);
    const header = readFileSync("w/all.safetensors").subarray(8).toString("latin1");
    expect(header).toMatch(/"point-1\.fc1\.weight":\{"dtype":"F32","shape":\[64,4\]/);
  });
});

describe("what cannot be predicted", () => {
  beforeEach(() => trained("--method", "hyper-training", "--epochs", "1"));
  const range = ["--from", "1e-4", "--to", "1e-2"] as const;

  test.each([
    [
      "no hyperparameter",
      [...range],
      /--hyper must name the hyperparameter that varies, but is missing; name one of dropout\.input/,
    ],
    ["an unknown one", ["--hyper", "l2.fc9", ...range], /but got "l2\.fc9"; did you mean "l2\.fc1"/],
    [
      "no end",
      ["--hyper", "l2.fc1", "--from", "1"],
      /--from and --to must say .* but --to is missing; add it/,
    ],
    [
      "ends in the wrong order",
      ["--hyper", "l2.fc1", "--from", "1", "--to", "0.5"],
      /--from < --to must hold/,
    ],
    [
      "a value outside",
      ["--hyper", "dropout.fc1", "--from", "0.1", "--to", "0.95"],
      /strictly between 0 and 0\.95/,
    ],
    ["an element that is not there", ["--hyper", "l2.fc1[1]", ...range], /an element from 0 to 0/],
    ["too few points", ["--hyper", "l2.fc1", ...range, "--points", "1"], /--points must be an integer/],
    ["a word as number", ["--hyper", "l2.fc1", "--from", "low"], /--from must be a number, but got "low"/],
  ])("%s", async (_, flags, sentence) => {
    const { code, stderr } = await call("response", "run", ...flags);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(2);
  });
});

test("a run that learned no response says so", async () => {
  await trained("--method", "fixed");
  const { code, stderr } = await call("response", "run", "--hyper", "l2.fc1", "--from", "1e-4", "--to", "1");
  expect(stderr).toMatch(
    /fixed learns none; train with a method that does: delta-stn, .* or hyper-training-simplified\n/,
  );
  expect(code).toBe(2);
});
