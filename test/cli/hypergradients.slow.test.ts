import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const small = ["--data", "wine", "--hidden", "4", "--batch-size", "20", "--threads", "1"] as const;
const quiet = ["--quiet", "--json"] as const;
const settings = ["--hyper", "lr=.02:1e-4..1,log", "--hyper", "momentum=.8:0...99"] as const;

async function tuned(...argv: readonly string[]): Promise<TuneResult> {
  const { code, stdout, stderr } = await call("tune", ...small, ...argv, ...quiet);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as TuneResult;
}

const valueOf = ({ final }: TuneResult, name: string) => final.hyperparameters[name]?.value as number;

describe("learning rate and momentum are tuned", () => {
  const flags = ["--epochs", "6", "--warmup-epochs", "0", "--hyper-lr", ".05"] as const;

  test.each(["unrolled", "forward-unrolled", "reversible", "drmad"])("by %s", async (method) => {
    const horizon = method === "forward-unrolled" ? [] : ["--horizon", "6"];
    const result = await tuned("--method", method, ...settings, ...flags, ...horizon, "--no-baseline");
    expect(result.start.hyperparameters).toEqual({ lr: expect.closeTo(0.02), momentum: expect.closeTo(0.8) });
    expect(valueOf(result, "lr")).toBeGreaterThan(0.022); // a few steps on wine are too short with .02
    expect(Math.abs(valueOf(result, "momentum") - 0.8)).toBeGreaterThan(0.003);
    const report = readFileSync(result.report, "utf8");
    expect(report).toContain("--hyper lr=0.02:0.0001..1,log");
  });

  test("and a config file may say so, beside penalties and in a problem of one's own", async () => {
    const hyper = { lr: 0.02, l2: 1e-3 };
    writeFileSync("config.json", JSON.stringify({ method: "unrolled", hyper, epochs: 3 }));
    const { start } = await tuned("config.json", "--no-baseline");
    expect(Object.keys(start.hyperparameters)).toEqual(["l2", "lr"]);
    const own = fileURLToPath(new URL("../../examples/my-problem.ts", import.meta.url));
    const flags = ["--method", "unrolled", "--hyper", "lr=.01", "--epochs", "3", "--no-baseline"];
    const { code, stdout } = await call("tune", own, ...flags, ...quiet);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as TuneResult).start.hyperparameters.lr).toBeCloseTo(0.01, 8);
  });

  test("from where their baseline stays: plain training with these settings", async () => {
    const short = ["--epochs", "4"] as const;
    const result = await tuned("--method", "unrolled", ...settings, ...short);
    const plain = ["--method", "fixed", "--hyper", "l2=1e-30", "--lr", ".02", "--momentum", ".8"] as const;
    const { final } = await tuned(...plain, ...short);
    expect(result.baseline?.valid.loss).toBeCloseTo(final.valid.loss, 5);
    expect(result.final.valid.loss).not.toBeCloseTo(final.valid.loss, 5);
  });

  test("with the schedule as a factor", async () => {
    const decay = ["--schedule", "step", "--decay-epochs", "1", "--decay-factor", "1e-6"] as const;
    const frozen = ["--method", "fixed", "--hyper", "lr=.05", "--epochs"] as const;
    const [one, four] = [await tuned(...frozen, "1", ...decay), await tuned(...frozen, "4", ...decay)];
    expect(four.final.valid.loss).toBeCloseTo(one.final.valid.loss, 4);
    expect((await tuned(...frozen, "4")).final.valid.loss).toBeLessThan(one.final.valid.loss - 0.01);
  });
});

describe("before a run starts", () => {
  const cannot = ["delta-stn", "centered-stn", "stn", "hyper-training", "hyper-training-global"];
  const others = ["hyper-training-simplified", "implicit-cg", "implicit-neumann", "t1-t2"];

  test.each([...cannot, ...others])("%s says that it cannot tune a learning rate", async (method) => {
    const { code, stderr } = await call("tune", ...small, "--method", method, ...settings, "--out", "o");
    expect(stderr).toBe(
      `error: ${method} must see the training loss change with every hyperparameter, but only the steps of training depend on "lr", "momentum" of "wide-and-deep on wine"; hold such a setting fixed, or take a method that tunes it: unrolled, forward-unrolled, reversible, drmad or a search\n`,
    );
    expect(code).toBe(2);
    expect(existsSync("o")).toBe(false);
  });

  test.each([
    ["a second value", ["--lr", ".1"], /--lr must be left out where lr is a hyperparameter.*--hyper lr=0.1/],
    ["an optimizer without it", ["--optimizer", "adam"], /\(learningRate of adam\), but "momentum" is its/],
  ])("%s is refused", async (_, flags, sentence) => {
    const argv = ["--method", "unrolled", ...settings, ...flags, "--out", "o"];
    const { code, stderr } = await call("tune", ...small, ...argv);
    expect(stderr).toMatch(sentence);
    expect([code, existsSync("o")]).toEqual([2, false]);
  });

  test("a learning rate of whole numbers is refused", async () => {
    const argv = ["--method", "unrolled", "--hyper", "lr=1:1..3,discrete", "--out", "o"];
    const { code, stderr } = await call("tune", ...small, ...argv);
    expect(stderr).toMatch(/must be one real number .* "lr" is not/);
    expect([code, existsSync("o")]).toEqual([2, false]);
  });

  test("a comparison says so for any of its methods", async () => {
    const argv = ["--budget-steps", "20", "--seeds", "1", "--out", "o"];
    const { code, stderr } = await call(
      "compare",
      ...small,
      ...settings,
      ...argv,
      "--methods",
      "random,t1-t2",
    );
    expect(stderr).toMatch(/^error: t1-t2 must see .* "lr", "momentum"/);
    const adam = ["--methods", "random", "--optimizer", "adam"];
    expect((await call("compare", ...small, ...settings, ...argv, ...adam)).code).toBe(2);
    expect([code, existsSync("o")]).toEqual([2, false]);
  });
});

test("a comparison searches them and tunes them", async () => {
  const argv = [
    "--methods",
    "random,unrolled",
    "--budget-steps",
    "150",
    "--trial-epochs",
    "3",
    "--seeds",
    "1",
  ];
  const { code, stdout } = await call("compare", ...small, ...settings, ...argv, "--out", "o", ...quiet);
  expect(code).toBe(0);
  const { curves } = JSON.parse(stdout) as {
    curves: { method: string; trials: number; points: unknown[] }[];
  };
  expect(curves.map(({ method }) => method)).toEqual(["random", "unrolled"]);
  expect(curves[0]?.trials).toBeGreaterThan(2);
  expect(curves.every(({ points }) => points.length > 1)).toBe(true);
});

describe("flags of the methods that differentiate training", () => {
  const flags = ["--epochs", "3", "--warmup-epochs", "0", "--hyper", "l2=1e-2", "--no-baseline"] as const;
  const moved = async (...argv: readonly string[]) =>
    Math.abs(Math.log(valueOf(await tuned(...flags, ...argv), "l2") / 1e-2));

  test.each(["unrolled", "drmad", "reversible", "forward-unrolled", "implicit-cg", "t1-t2"])(
    "--hyper-clip limits the hypergradient of %s",
    async (method) => {
      // so short a hypergradient is short beside what RMSprop adds to its root
      const horizon = ["unrolled", "drmad", "reversible"].includes(method) ? ["--horizon", "5"] : [];
      const run = ["--method", method, ...horizon] as const;
      const [free, held] = [await moved(...run), await moved(...run, "--hyper-clip", "1e-10")];
      expect(free).toBeGreaterThan(1e-3);
      expect(held).toBeLessThan(free / 10);
    },
  );

  test("--curvature chooses what implicit methods solve with", async () => {
    const losses: number[] = [];
    for (const curvature of [[], ["--curvature", "gauss-newton"], ["--curvature", "hessian"]]) {
      losses.push(await moved("--method", "implicit-cg", ...curvature));
    }
    expect(losses[0]).toBe(losses[1]);
    expect(losses[0]).not.toBe(losses[2]);
    const { code, stderr } = await call("tune", "--method", "implicit-cg", "--curvature", "newton");
    expect([code, stderr]).toEqual([2, expect.stringContaining("--curvature must be one of hessian,")]);
  });
});
