import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { fieldNames, fields, flagOf, type FieldName } from "../../src/cli/config/fields.ts";
import type { Field } from "../../src/cli/config/fields/field.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { unsealJson } from "../../src/artifacts/sealed-json.ts";
import { call, start, untilLines, useFolder, withoutClock } from "./command.ts";

useFolder();

const tiny = ["--hidden", "4", "--budget-steps", "40", "--trial-epochs", "3", "--seeds", "2"] as const;

interface Compared {
  readonly standings: readonly {
    method: string;
    valid: { median: number };
    trials: { median: number };
    reached: readonly { loss: number }[];
  }[];
  readonly curves: readonly {
    method: string;
    seed: number;
    points: readonly { valid: { loss: number } }[];
    untuned?: string;
  }[];
}

describe("a comparison", () => {
  test("restarts a method with a response where `tune` would", async () => {
    const problem = [
      "--data",
      "diabetes",
      ...["--model", "mlp", "--hidden", "64"],
      ...["--hyper", "l2=1e-6,log", "--lr", ".05"],
    ] as const;
    const pace = [
      "--batch-size",
      "32",
      "--warmup-epochs",
      "1",
      "--hyper-lr",
      ".05",
      "--threads",
      "1",
    ] as const;
    const budget = ["--methods", "delta-stn", "--seeds", "1", "--budget-steps", "1600"] as const;
    const ended = async (restart: string) => {
      const output = ["--restart", restart, "--out", restart, "--json", "--quiet"];
      const { stdout } = await call("compare", ...problem, ...pace, ...budget, ...output);
      return (JSON.parse(stdout) as Compared).standings[0]?.valid.median;
    };
    const [auto, never] = [await ended("auto"), await ended("never")];
    expect(auto).toBeGreaterThan(0);
    expect(auto).not.toBe(never);
  });

  test("says what it leaves aside of a configuration for tune", async () => {
    const config = { data: "wine", hidden: [4], epochs: 9, method: "stn", baseline: false };
    writeFileSync("c.json", JSON.stringify(config));
    const budget = ["--methods", "fixed", "--seeds", "1", "--budget-steps", "10", "--out", "o"];
    const { code, stderr } = await call("compare", "c.json", ...budget);
    expect([code, stderr.split("\n")[0]]).toEqual([
      0,
      'warning: "method", "baseline", "epochs" in c.json are left aside by a comparison, which ends by --time or --budget-steps; --methods names what competes',
    ]);
  });

  test("gives every method its budget from every seed, and goes on where it was stopped", async () => {
    const methods = ["--methods", "random,successive-halving,delta-stn,fixed"] as const;
    const command = ["compare", ...tiny, ...methods, "--out", "o", "--json", "--quiet"] as const;
    const { code, stdout, stderr } = await call(...command);
    expect([code, stderr]).toEqual([0, ""]);
    const compared = JSON.parse(stdout) as Compared;
    expect(compared.curves.map(({ method, seed }) => [method, seed])).toEqual([
      ["random", 0],
      ["successive-halving", 0],
      ["delta-stn", 0],
      ["fixed", 0],
      ["random", 1],
      ["successive-halving", 1],
      ["delta-stn", 1],
      ["fixed", 1],
    ]);
    for (const { points } of compared.curves) {
      const losses = points.map(({ valid }) => valid.loss);
      expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    }
    const medians = compared.standings.map(({ valid }) => valid.median);
    expect(medians).toEqual(medians.toSorted((a, b) => a - b));
    const trials = Object.fromEntries(
      compared.standings.map(({ method, trials }) => [method, trials.median]),
    );
    expect(trials).toMatchObject({ "delta-stn": 1, fixed: 1 });
    expect(trials.random).toBeGreaterThan(1);
    const page = readFileSync("o/report.html", "utf8");
    expect(page).toMatch(/<th scope="row">successive-halving<\/th>/);
    expect(page).not.toMatch(/<script[^>]*src|<link|<img/);
    expect(page).toMatch(
      /hypertrain compare .*--methods random,successive-halving,delta-stn,fixed --seeds 2/,
    );

    rmSync("o/curves/delta-stn-1.json");
    const random = readFileSync("o/curves/random-0.json", "utf8");
    const again = JSON.parse((await call(...command)).stdout) as Compared;
    expect(existsSync("o/curves/delta-stn-1.json")).toBe(true);
    expect(readFileSync("o/curves/random-0.json", "utf8")).toBe(random);
    expect(again.standings.map(({ method, valid }) => [method, valid])).toEqual(
      compared.standings.map(({ method, valid }) => [method, valid]),
    );

    const other = await call(...command, "--hidden", "5");
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(
      /--out must be a new folder, or that of a comparison with the same problem, settings and budget/,
    );

    const more = ["--methods", "fixed,random,t1-t2", "--seeds", "1", "--reach", "1.5,0.01"] as const;
    const wider = await call("compare", ...tiny, ...more, "--out", "o", "--json", "--quiet");
    const { standings, curves } = JSON.parse(wider.stdout) as Compared;
    expect(curves.map(({ method }) => method)).toEqual(["fixed", "random", "t1-t2"]);
    expect(curves[1]).toEqual(unsealJson(random, "the curve"));
    expect(standings[0]?.reached.map(({ loss }) => loss)).toEqual([1.5, 0.01]);
  });

  test("gives the same curves with methods side by side, apart from the clock", async () => {
    const flags = [...tiny, "--methods", "random,delta-stn", "--threads", "1", "--json", "--quiet"] as const;
    const alone = await call("compare", ...flags, "--out", "a");
    const together = await call("compare", ...flags, "--parallel", "2", "--out", "b");
    const curvesOf = ({ stdout }: { stdout: string }) =>
      withoutClock((JSON.parse(stdout) as Compared).curves);
    expect(curvesOf(together)).toEqual(curvesOf(alone));
    expect(together.code).toBe(0);
  });

  test("keeps what is done when it is interrupted", { timeout: 60_000 }, async () => {
    const command = [
      "compare",
      "--hidden",
      "4",
      "--methods",
      "fixed,random",
      "--seeds",
      "1",
      "--time",
      "3s",
      "--out",
      "o",
    ] as const;
    const { child, finished } = start(...command);
    await untilLines("o/curves/fixed-0.json", 1);
    child.kill("SIGINT");
    const stopped = await finished;
    expect(stopped.stderr).toMatch(
      /stopping after this step.*\nstopped; the same command with --out o goes on\n$/s,
    );
    expect([stopped.code, stopped.stdout]).toEqual([130, ""]);
    expect(readdirSync("o/curves")).toEqual(["fixed-0.json"]);

    const again = await call(...command);
    expect(again.stderr).toMatch(/^1 of 2: fixed, seed 0: [\d.]+ \(done before\)\n/);
    expect([again.code, readdirSync("o/curves")]).toEqual([0, ["fixed-0.json", "random-0.json"]]);
  });

  test("has its folder to itself, and makes nothing in that of something else", async () => {
    const command = ["compare", "--hidden", "4", "--methods", "fixed", "--seeds", "1", "--out", "o"] as const;
    const { child, finished } = start(...command, "--time", "60s");
    await untilLines("o/comparison.json", 1);
    for (const budget of ["60s", "1s"]) {
      const { code, stderr } = await call(...command, "--time", budget, "--quiet");
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(
          budget === "1s"
            ? /^error: --out must be a new folder, or that of a comparison with the same problem[^\n]*\n$/
            : new RegExp(
                `^error: o must be worked on by one process at a time, but process ${child.pid} on [^\\n]*\\n$`,
              ),
        ),
      ]);
    }
    child.kill("SIGINT");
    expect((await finished).code).toBe(130);
    expect(existsSync("o/lock")).toBe(false);
    mkdirSync("other");
    writeFileSync("other/notes.txt", "");
    const { code, stderr } = await call(...command.slice(0, -1), "other", "--time", "1s");
    expect([code, stderr]).toEqual([
      2,
      "error: --out must be a new or empty folder, but other holds notes.txt; choose another\n",
    ]);
    expect(readdirSync("other")).toEqual(["notes.txt"]);
  });
});

describe("a method that fails", () => {
  test("costs the others nothing, and is named with its reason", async () => {
    const command = ["compare", ...tiny, "--methods", "fixed,random", "--lr", "1e30", "--out", "o"] as const;
    const { code, stdout } = await call(...command, "--json", "--quiet");
    expect(code).toBe(1);
    const { failures, standings } = JSON.parse(stdout) as Compared & { failures: object[] };
    expect(failures).toEqual([
      {
        method: "fixed",
        seeds: [0, 1],
        of: 2,
        reason: expect.stringMatching(/must stay finite, but became/),
      },
      { method: "random", seeds: [0, 1], of: 2, reason: expect.stringMatching(/20 of 20 failed/) },
    ]);
    expect(standings).toHaveLength(2);
    expect(readFileSync("o/report.html", "utf8")).toMatch(/fixed failed from 2 of 2 seeds \(seed 0: /);
    const again = await call(...command);
    expect(again.code).toBe(1);
    expect(again.stdout).toMatch(/\n  random failed from 2 of 2 seeds \(seed 0: a search must have/);
  });

  test("freeze-thaw decides where a tenth of a training is less than an epoch", async () => {
    const command = ["compare", ...tiny, "--methods", "freeze-thaw,fixed", "--budget-steps", "500"] as const;
    const { code, stdout } = await call(...command, "--seeds", "1", "--out", "o", "--json", "--quiet");
    expect(code).toBe(0);
    const { standings } = JSON.parse(stdout) as Compared;
    expect(standings.find(({ method }) => method === "freeze-thaw")?.trials.median).toBeGreaterThan(10);
  });
});

describe("what cannot be compared is said before any method has begun", () => {
  test.each([
    ["an unknown method", ["--methods", "radom", "--time", "1s"], /but got "radom"; did you mean "random"/],
    [
      "no time",
      ["--methods", "random", "--time", "0s"],
      /--time must be a time of more than 0 such as 60s, 10m or 2h, but got "0s"/,
    ],
    ["no budget", ["--methods", "random"], /must have a budget, but got neither --time nor --budget-steps/],
    [
      "a hyperparameter without a range",
      ["--methods", "delta-stn,gp", "--time", "1s", "--hyper", "l2=1e-3,log=false"],
      /a search must have a range for every hyperparameter, but "l2" has none; give it as l2=0\.001:LOW\.\.HIGH/,
    ],
    [
      "a grid of too many points",
      ["--methods", "grid", "--time", "1s", "--model", "linear", "--hyper", "l2.each=1e-3"],
      /a grid must have at most 1000000 points, but got Infinity \(3 x 3 x 3 x 3 x 3 x 3 x \.\.\., 650 in all\); give fewer/,
    ],
    [
      "copies of another architecture",
      ["--methods", "random,population-based", "--time", "1s", "--hyper", "width.*=8:4..16"],
      /population-based must have trainings whose weights fit each other, but "width\.fc1", "width\.fc2" of "mlp on digits" change the network/,
    ],
    ["no lanes", ["--parallel", "0", "--time", "1s"], /--parallel must be a positive integer/],
    [
      "no loss",
      ["--reach", "low", "--time", "1s"],
      /--reach must be validation losses behind commas, but got "low"/,
    ],
    ["no seeds", ["--seeds", "0", "--time", "1s"], /--seeds must be a positive integer/],
  ])("%s", async (_, flags, sentence) => {
    const { code, stderr } = await call("compare", ...flags, "--out", "o");
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(code).toBe(2);
    expect(existsSync("o")).toBe(false);
  });
});

test("flags that a comparison would ignore are refused", async () => {
  const refused = fieldNames.filter((name) => (fields[name] as Field).notCompared !== undefined);
  expect(refused).toEqual(expect.arrayContaining(["trials", "epochs", "evaluateEvery"]));
  for (const name of refused) {
    const flags = [flagOf(name), "2", ...storeFor(name)];
    const { code, stderr } = await call("compare", "--time", "1s", "--methods", "stn,random", ...flags);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^error: --[a-z-]+ must be left out of a comparison, (which|whose|where) .*, but got .*\n$/,
      ),
    ]);
  }
  for (const [flags, sentence] of [
    [["--workers", "2"], /^error: --workers must come with --store/],
    [["--store", "a.db", "--parallel", "2"], /^error: --parallel must be left out with --store/],
  ] as const) {
    const { code, stderr } = await call("compare", "--time", "1s", "--methods", "stn", ...flags);
    expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)]);
  }
  const cosine = [
    "--epochs",
    "1",
    "--schedule",
    "cosine",
    "--hidden",
    "2",
    "--methods",
    "fixed",
    "--seeds",
    "1",
  ];
  expect((await call("compare", ...cosine, "--budget-steps", "1", "--quiet")).code).toBe(0);
});

const storeFor = (name: FieldName): string[] =>
  (fields[name] as Field).needs?.field === "store" ? ["--store", "a.db"] : [];

test("a comparison in a store has the numbers of one without, and more seeds join it", async () => {
  const work = [
    ...["compare", "--data", "wine", ...tiny, "--methods", "random,delta-stn", "--engine", "onnx"],
    ...["--threads", "1", "--json", "--quiet"],
  ];
  const plain = await start(...work, "--out", "plain").finished; // threads of vitest take the other engine
  const seeds = (count: string) => [...work, "--seeds", count, "--store", "c.db", "--study", "c"];
  expect((await call(...seeds("1"), "--out", "one")).code).toBe(0);
  const stored = await call(...seeds("2"), "--workers", "2", "--out", "two");
  const numbers = (text: string) => withoutClock((JSON.parse(text) as Compared).curves);
  expect(numbers(stored.stdout)).toEqual(numbers(plain.stdout));
  await using storage = await openStorage("c.db");
  expect((await storage.trials("c")).map(({ state, attempt }) => [state, attempt])).toEqual(
    Array(4).fill(["complete", 1]),
  );
  const other = await call(...seeds("2"), "--lr", ".5", "--out", "three");
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: the study "c" in \S*c.db must be a comparison with the same problem/),
  ]);
});

test("a comparison goes on with the same table alone, in a folder as in a store", async () => {
  const tableOf = (slope: number) =>
    ["x,y", ...Array.from({ length: 60 }, (_, i) => `${i / 7},${slope * i + (i % 7)}`)].join("\n");
  const work = [
    ...["compare", "--data", "k.csv", "--target", "y", "--seeds", "1", "--budget-steps", "40"],
    ...["--threads", "1", "--json", "--quiet"],
  ];
  const alone = ["--out", "alone"] as const;
  const stored = ["--out", "stored", "--store", "c.db", "--study", "c"] as const;
  writeFileSync("k.csv", tableOf(1));
  for (const place of [alone, stored]) {
    expect(await call(...work, "--methods", "fixed", ...place)).toMatchObject({ code: 0 });
  }
  rmSync("stored", { recursive: true }); // which says so before the store does
  writeFileSync("k.csv", tableOf(2));
  const refused = async (place: readonly string[]) => {
    const { code, stderr } = await call(...work, "--methods", "fixed,stn", ...place);
    return [code, stderr.replace(process.cwd(), ".")];
  };
  const begun =
    "must go on with what it was begun with, but the data (36 + 12 + 12 rows of 1 input as then, but other values or names) is not the same; restore that, or choose another";
  expect(await refused(alone)).toEqual([2, `error: alone ${begun} folder with --out\n`]);
  expect(await refused(stored)).toEqual([2, `error: the study "c" in ./c.db ${begun} name with --study\n`]);
  writeFileSync("k.csv", tableOf(1));
  expect(await call(...work, "--methods", "fixed,stn", ...alone)).toMatchObject({ code: 0 });
});
