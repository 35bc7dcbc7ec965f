import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { describe, expect, test, vi } from "vitest";

import { call, start, useFolder } from "./command.ts";

const dataDir = process.env.HYPERTRAIN_DATA_DIR;
const folder = useFolder();

interface Document {
  readonly figure: string;
  readonly scale: string;
  readonly engine: string;
  readonly seed: number;
  readonly seconds: number;
  readonly claims: readonly { what: string; expected: string; measured: string; holds: boolean }[];
  readonly numbers: Readonly<Record<string, unknown>>;
}

describe("bad input ends with 2 and one sentence", () => {
  test.each<[string, string[], RegExp]>([
    ["no figure", [], /missing required argument 'figure'.*see `hypertrain reproduce --help`/],
    ["an unknown figure", ["figure2"], /the figure must be one of .*"figure2"; did you mean "figure-2"\?/],
    ["an unknown flag", ["figure-3", "--scael", "quick"], /did you mean "--scale"\?/],
    [
      "an unknown scale",
      ["figure-3", "--scale", "papre"],
      /must be one of quick, paper.*did you mean "paper"\?/,
    ],
    [
      "an unknown engine",
      ["figure-3", "--engine", "onxx"],
      /--engine must be one of auto, onnx, jax.*"onnx"\?/,
    ],
    [
      "an unknown row",
      ["delta-stn-table", "--row", "mnits"],
      /--row must be one of mnist, fashion-mnist, alexnet, .*, but got "mnits"/,
    ],
    [
      "a row of a figure",
      ["figure-3", "--row", "mnist"],
      /--row must come with delta-stn-table, but got figure-3; leave it out/,
    ],
    ["a reduced figure", ["figure-3", "--scale", "reduced"], /--scale must be one of quick, paper/],
    ["no threads", ["figure-3", "--threads", "0"], /--threads must be a positive integer, but got "0"/],
    [
      "a seed of too many bits",
      ["figure-3", "--seed", "4294967296"],
      /--seed must be an integer from 0 to 2\^32/,
    ],
    ["no data", ["figure-2", "--engine", "jax", "--data-dir", "."], /must hold the files of mnist/],
  ])("%s", async (_, argv, sentence) => {
    const { code, stdout, stderr } = await call("reproduce", ...argv);
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect([code, stdout]).toEqual([2, ""]);
  });

  test("a folder with another file of the figure's name, where an earlier figure of its own is taken", async () => {
    mkdirSync("mine");
    const asked = ["reproduce", "figure-2", "--engine", "jax", "--data-dir", ".", "--out", "mine"];
    for (const [name, text] of [
      ["figure-2.svg", "<svg/>"],
      ["figure-2.json", '{"figure":"figure-3"}'],
      ["figure-2.json", "[1, 2"],
    ] as const) {
      writeFileSync(`mine/${name}`, text);
      expect((await call(...asked)).stderr).toBe(
        `error: --out must be the folder of an earlier reproduction of figure-2, or one without a file of its names, but mine/${name} is another; name another folder\n`,
      );
    }
    writeFileSync("mine/figure-2.json", '{"figure":"figure-2"}');
    expect((await call(...asked)).stderr).toMatch(/must hold the files of mnist/);
  });

  test("a script that is not there, as in an installed package", async () => {
    const fs = await import("node:fs");
    vi.resetModules();
    vi.doMock("node:fs", () => ({ ...fs, existsSync: () => false }));
    try {
      const { reproduce } = await import("../../src/cli/commands/reproduce.ts");
      await expect(reproduce("figure-3", {})).rejects.toThrow(/figure-3 must be reproduced in a checkout/);
    } finally {
      vi.doUnmock("node:fs");
      vi.resetModules();
    }
  });
});

test("help of reproduce has examples and exit codes", async () => {
  const { code, stdout } = await call("reproduce", "--help");
  expect([code, stdout]).toEqual([0, expect.stringMatching(/Examples:\n {2}hypertrain reproduce figure-3/)]);
  expect(stdout).toMatch(/Exit code: 0 success, 1 .*130 interrupted/);
});

test("figure-3 learns the slope -1 and leaves figure and numbers", async () => {
  const { code, stdout, stderr } = await call("reproduce", "figure-3", "--json", "--engine", "jax");
  expect(code).toBe(0);
  const document = JSON.parse(stdout) as Document;
  expect(document).toMatchObject({ figure: "figure-3", scale: "quick", engine: "jax", seed: 7 });
  const { slope, intercept } = document.numbers.linear as { slope: number; intercept: number };
  expect(Math.abs(slope + Math.exp(-(0.1 ** 2) / 2))).toBeLessThan(1e-3); // the best line under that much sampling
  expect(Math.abs(intercept)).toBeLessThan(1e-3);
  expect(document.claims.map(({ holds }) => holds)).toEqual([true, true, true]);

  const at = (end: string) => `${folder.path}/reproduced/figure-3-quick/figure-3.${end}`;
  expect(readFileSync(at("json"), "utf8")).toBe(stdout);
  expect(readFileSync(at("svg"), "utf8")).toMatch(/^<svg [\s\S]*learned linear response[\s\S]*<\/svg>\s*$/);
  expect([existsSync(at("part.svg")), existsSync(at("json.part"))]).toEqual([false, false]);
  expect(stderr).toMatch(/slope of the response learned at λ\^ = 0 +-1\.0000 ± 0\.02 +-0\.99\d\d +yes\n/);
});

test("an interrupt ends with 130 and no result", async () => {
  const { child, finished } = start("reproduce", "figure-3", "--engine", "jax", "--out", folder.path);
  child.stderr?.on("data", (chunk) => String(chunk).includes("step 500 ") && child.kill("SIGINT"));
  const { code, stdout } = await finished;
  expect([code, stdout]).toEqual([130, ""]);
  expect(existsSync(`${folder.path}/figure-3.json`)).toBe(false);
});

describe.runIf(dataDir)("with MNIST's files", () => {
  test.each([
    ["figure-2", 2],
    ["figure-4", 2],
    ["figure-5", 2],
    ["workshop-comparison", 3],
  ])("%s at the scale quick", { timeout: 180_000 }, async (figure, claims) => {
    const flags = ["--json", "--threads", "1", "--data-dir", dataDir as string];
    const { code, stdout } = await call("reproduce", figure, ...flags);
    const document = JSON.parse(stdout) as Document;
    expect(document.claims.filter(({ holds }) => !holds)).toEqual([]);
    expect(code).toBe(0);
    expect(document.claims).toHaveLength(claims);
  });
});
