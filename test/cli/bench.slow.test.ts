import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, test } from "vitest";

import { describeStep } from "../../src/cli/bench/describe-step.ts";
import { measureStep } from "../../src/cli/bench/measure-step.ts";
import { operationsOf } from "../../src/cli/bench/operations.ts";
import { openPeer } from "../../src/cli/bench/peer.ts";
import { roundRobin } from "../../src/cli/bench/round-robin.ts";
import { spreadOf } from "../../src/cli/bench/statistics.ts";
import { stepReport, type StepFacts } from "../../src/cli/bench/step-report.ts";
import type { Subject } from "../../src/cli/bench/subject.ts";
import { engineSubjects } from "../../src/cli/bench/engine-subjects.ts";
import {
  languageOperations,
  languageSizes,
  languageWork,
  type LanguageSize,
} from "../../src/cli/bench/language-work.ts";
import { networkWork } from "../../src/cli/bench/network-work.ts";
import { hypernetKinds, hypernetWork } from "../../src/cli/bench/hypernet-work.ts";
import { benchTuning } from "../../src/cli/bench/bench-tuning.ts";
import { benchMethods, type BenchMethod } from "../../src/cli/bench/bench-methods.ts";
import { stepWork } from "../../src/cli/bench/workload.ts";
import type { Compilation } from "../../src/engine/onnx/compilation.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/index.ts";
import { call, useFolder } from "./command.ts";

useFolder();

describe("bad input ends with 2 and one sentence", () => {
  test.each<[string, string[], RegExp]>([
    ["an unknown benchmark", ["stpe"], /unknown command 'stpe'; did you mean "step"\?/],
    ["an unknown flag", ["step", "--round", "3"], /unknown option '--round'; did you mean "--rounds"\?/],
    ["a flag far from any", ["step", "--zzz"], /see `hypertrain bench step --help`/],
    ["an unknown method", ["step", "--method", "delta"], /--method must be one of delta-stn, stn, plain/],
    [
      "an unknown network",
      ["step", "--network", "alexnett"],
      /--network must be one of simple-cnn, alexnet, .* did you mean "alexnet"/,
    ],
    [
      "a step that the peer has not",
      ["step", "--network", "resnet18", "--peer"],
      /--peer must find a step .* no delta-stn of resnet18; leave --peer out, or take --method plain/,
    ],
    [
      "unknown work",
      ["hypernet", "--work", "globe"],
      /--work must be one of global, each, .* did you mean "global"/,
    ],
    ["an unknown engine", ["step", "--engine", "onxx"], /--engine must be one of .* did you mean "onnx"\?/],
    ["no rounds", ["step", "--rounds", "0"], /--rounds must be a positive integer, but got "0"/],
    ["part of a round", ["step", "--rounds", "1.5"], /--rounds must be a positive integer, but got "1.5"/],
    ["half a thread", ["step", "--threads", "0.5"], /--threads must be a positive integer, but got "0.5"/],
    [
      "a malformed hyperparameter",
      ["step", "--hyper", "l2"],
      /--hyper must have the form NAME=START:LOW\.\.HIGH/,
    ],
    [
      "a hyperparameter twice",
      ["step", "--hyper", "l2=1", "--hyper", "l2=2"],
      /--hyper must give each name once, but got "l2" twice/,
    ],
    [
      "a hyperparameter that the network has no place for",
      ["step", "--network", "simple-cnn", "--hyper", "dropconnect=0.1"],
      /dropconnect/,
    ],
    [
      "a start outside its range",
      ["step", "--hyper", "dropout=2"],
      /dropout must start below 0\.95, where its range ends unless one is given, but got 2; start lower/,
    ],
    [
      "a setting of the optimizer",
      ["step", "--engine", "jax", "--hyper", "lr=0.1"],
      /must see the training loss change with every hyperparameter, but only the steps of training depend on "lr"/,
    ],
    [
      "unknown perturbations",
      ["step", "--perturbations", "pairs"],
      /--perturbations must be one of independent, paired, full/,
    ],
    [
      "perturbations of none",
      ["step", "--method", "plain", "--perturbations", "full"],
      /--perturbations must be left out for plain, which has no use for it/,
    ],
    [
      "a peer for other hyperparameters",
      ["step", "--peer", "--hyper", "l2=0.1"],
      /--hyper must be left out with --peer, whose program has a dropout rate for each place/,
    ],
    ["a Python for nothing", ["step", "--python", "p"], /--python must come with --peer/],
  ])("%s", async (_, argv, sentence) => {
    const { code, stdout, stderr } = await call("bench", ...argv);
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect([code, stdout]).toEqual([2, ""]);
  });

  test("no Python", async () => {
    const { code, stderr } = await call("bench", "step", "--peer", "--python", "./no-python");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/but \.\/no-python did not start .*--python\n$/),
    ]);
  });
});

test("help of bench step has examples", async () => {
  const { code, stdout } = await call("bench", "step", "--help");
  expect([code, stdout]).toEqual([0, expect.stringMatching(/Examples:\n {2}hypertrain bench step/)]);
});

test("a convolutional network's operations are those of its products at every place", async () => {
  await jaxEngine();
  const gflop = (method: BenchMethod) =>
    Object.values(networkWork(benchTuning(method), "simple-cnn").operations).map((n: number) =>
      Number((n / 1e9).toFixed(1)),
    );
  // 5.30 million multiplications an example: 784 * 25 * 16 + 196 * 400 * 32 + 1568 * 1568 + 15680
  expect([gflop("plain"), gflop("stn"), gflop("delta-stn")]).toEqual([[4], [8, 5.3], [10.6, 5.3]]);
});

test("a language model's operations are those of its gates and of its words' vectors, which do not respond", () => {
  const gflop = (method: BenchMethod) =>
    Object.values(languageOperations(method, languageSizes.lstm)).map((n: number) =>
      Number((n / 1e9).toFixed(2)),
    );
  // 1,400 words: four products of 200 x 800 and one of 200 x 10,000
  const [gates, words] = [4 * 0.448, 5.6];
  const expected = {
    plain: [3 * (gates + words)],
    "delta-stn": [8 * gates + 6 * words, 4 * gates + 2 * words],
  };
  for (const [method, numbers] of Object.entries(expected)) {
    expect(gflop(method as BenchMethod)).toEqual(numbers.map((n) => Number(n.toFixed(2))));
  }
});

test("a transformer's operations are those of its blocks, of its attention, which has no weights, and of its words' vectors", () => {
  const size: LanguageSize = { network: "transformer", units: 8, layers: 2, words: 12, steps: 3, batch: 4 };
  // 12 words, 2 operations: q, k, v, out of 8 x 8 and two products of 8 x 16 a block; each word with three, twice
  const [blocks, attention, words] = [2 * 24 * (4 * 64 + 2 * 128), 2 * 2 * 24 * 3 * 8, 24 * 8 * 12];
  expect(languageOperations("plain", size)).toEqual({ train: 3 * (blocks + attention + words) });
  expect(languageOperations("delta-stn", size)).toEqual({
    train: 8 * (blocks + attention) + 6 * words,
    tune: 4 * blocks + 3 * attention + 2 * words,
  });
});

test("every example at both ends of a pair doubles the products of the response, and no others", () => {
  const small: LanguageSize = { network: "lstm", units: 4, layers: 1, words: 12, steps: 3, batch: 4 };
  const [gates, words] = [2 * 12 * 4 * 16, 2 * 12 * 4 * 12]; // one product; twice for an LSTM
  const train = (share: number) => languageOperations("delta-stn", small, share).train;
  expect(train(2) - train(1)).toBe(2 * 5 * gates + 3 * words);
  const pairs = benchTuning("delta-stn", { perturbations: "full" });
  expect(languageWork(pairs, small).operations.train).toBe(train(2));
});

test("what is tuned is what was asked for", async () => {
  await jaxEngine();
  const hyper = { "dropout-embedding": 0.1, dropconnect: { start: 0.2, high: 0.5 }, "l2.*": 1e-3 };
  const small: LanguageSize = { network: "lstm", units: 4, layers: 1, words: 12, steps: 3, batch: 4 };
  const { problem } = languageWork(benchTuning("stn", { hyper }), small).task;
  expect(problem.space.names).toEqual([
    "dropout-embedding",
    "dropconnect",
    "l2.embedding",
    "l2.lstm1-input",
    "l2.lstm1",
  ]);
  const augmented = networkWork(benchTuning("delta-stn", { hyper: { rotate: 5 } }), "simple-cnn").task;
  expect(augmented.problem.augmentation?.hypers).toEqual(["rotate"]);
});

test("the first compilation of each program is told, stage by stage", async () => {
  const compilations: Compilation[] = [];
  let ticks = 0;
  const watch = { clock: { now: () => ticks++ }, tell: (one: Compilation) => void compilations.push(one) };
  const report = await measureStep({
    work: stepWork(benchTuning("stn"), { sizes: [5, 4, 3], batch: 6, trainRows: 20, validRows: 8 }),
    engines: [await onnxEngine({ threads: 1, watch })],
    compilations,
    rhythm: { rounds: 1, share: 0, maxSteps: 1, warmUp: 1, leadIn: 0, rest: 0 },
  });
  expect(compilations.length).toBeGreaterThan(3); // the loop's, and the product
  expect(report.compilations?.map(({ program }) => program).toSorted()).toEqual([
    "evaluate",
    "train",
    "tune",
    "weights",
  ]);
  for (const { nodes, stages } of report.compilations ?? []) {
    expect(nodes).toBeGreaterThan(0);
    expect(stages).toMatchObject({ trace: 1, passes: 1, lower: 1 });
    expect(stages.session).toBeGreaterThan(0);
  }
  const [train] = report.results;
  expect(train?.processor?.[0]).toBeGreaterThan(0);
});

test.each<LanguageSize>([
  { network: "lstm", units: 4, layers: 1, words: 12, steps: 3, batch: 4 },
  { network: "transformer", units: 4, layers: 2, words: 12, steps: 3, batch: 4 },
])("a language model of $network takes steps", async (small) => {
  const engine = await onnxEngine({ threads: 1 });
  await using opened = await engineSubjects(engine, languageWork(benchTuning("delta-stn"), small));
  const steps = opened.subjects.filter(({ step }) => step !== "product");
  for (const subject of steps) expect(await subject.take(1)).toEqual([expect.any(Number)]);
  expect(steps.map(({ step }) => step)).toEqual(["train", "tune", "loop"]);
});

test("the median lies in the middle, and quartiles between ranks", () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({
    median: 2.5,
    lowerQuartile: 1.75,
    upperQuartile: 3.25,
    min: 1,
    max: 4,
  });
});

test.each<[BenchMethod, number, number | undefined]>([
  ["plain", 1.597, undefined],
  ["stn", 3.194, 1.969],
  ["delta-stn", 4.178, 1.969],
])("the operations of %s on the papers' network", (method, train, tune) => {
  const counted = operationsOf(method, [784, 1200, 1200, 10], 128);
  expect(counted.train / 1e9).toBeCloseTo(train, 3);
  if (tune === undefined) expect(counted).not.toHaveProperty("tune");
  else expect((counted.tune ?? 0) / 1e9).toBeCloseTo(tune, 3);
});

describe("a report of known times", () => {
  const facts: StepFacts = {
    method: "delta-stn",
    sizes: [784, 1200, 1200, 10],
    batch: 128,
    hypers: ["dropout.input", "dropout.fc1"],
    compilations: [
      { program: "train", nodes: 90, stages: { trace: 20, passes: 10, lower: 5, session: 65 } },
      { program: "tune", nodes: 40, stages: { trace: 9, passes: 5, lower: 2, session: 24 } },
    ],
    operations: { train: 4e9, tune: 2e9 },
    date: "2026-01-01T00:00:00.000Z",
    machine: { cpu: "a processor", cores: 2, memoryGiB: 8, platform: "linux x64" },
    versions: { node: "24.0.0" },
    peakResidentMiB: { hypertrain: 100 },
  };
  const report = stepReport(facts, [
    { by: "onnx", step: "train", rounds: [[16, 24], [40]], processor: [30, 34] },
    { by: "onnx", step: "tune", rounds: [[10], [10]] },
    { by: "onnx", step: "loop", rounds: [[50], [60]] },
    { by: "onnx", step: "product", rounds: [[34.56], [34.56]] }, // 100 GFLOP/s
    { by: "pytorch", step: "train", variant: "double-backward", rounds: [[100], [60]] },
    { by: "pytorch", step: "tune", rounds: [[5], [20]] },
  ]);

  test("takes medians over all steps of all rounds", () => {
    expect(report.results.map(({ median }) => median)).toEqual([24, 10, 55, 34.56, 80, 12.5]);
  });

  test("divides the operations by the rate of the same engine's products for the floor", () => {
    const [train, tune, loop, product, peer] = report.results;
    expect(product?.gflops).toBeCloseTo(100, 9);
    expect(train?.floor).toBeCloseTo(40, 9);
    expect(train?.timesFloor).toBeCloseTo(0.6, 9);
    expect(tune?.floor).toBeCloseTo(20, 9);
    expect(loop?.floor).toBeCloseTo(40, 9);
    expect(peer).not.toHaveProperty("floor");
  });

  test("pairs the rounds for the ratios to the first engine", () => {
    const ratios = report.ratios.map(({ of, to, rounds, median, min, max }) => [
      of,
      to,
      rounds,
      [median, min, max],
    ]);
    expect(ratios).toEqual([
      ["onnx loop", "onnx train", [2.5, 1.5], [2, 1.5, 2.5]],
      ["pytorch train, double-backward", "onnx train", [5, 1.5], [3.25, 1.5, 5]],
      ["pytorch tune", "onnx tune", [0.5, 2], [1.25, 0.5, 2]],
      ["pytorch train, double-backward", "onnx loop", [2, 1], [1.5, 1, 2]],
    ]);
  });

  test("tells people the same", () => {
    const text = describeStep(report);
    expect(text).toMatch(/onnx train +24 +20 to 32 +40 +0\.6 +32\n/);
    expect(text).toMatch(/train +20 +10 +5 +65 +100 +90\n/);
    expect(text).toContain("hyperparameters: dropout.input, dropout.fc1\n");
    expect(text).toMatch(/pytorch tune \/ onnx tune +1\.25 +0\.5 +2\n/);
  });
});

test("every subject has its turn in every round, and only counted steps are kept", async () => {
  const turns: string[] = [];
  const subject = (by: string, ms: number): Subject => ({
    by,
    step: "train",
    take(count) {
      turns.push(`${by} ${count}`);
      return Promise.resolve(Array.from({ length: count }, (_, i) => (i === 0 ? 1000 : ms)));
    },
  });
  const rhythm = { rounds: 2, share: 100, maxSteps: 4, warmUp: 3, leadIn: 1, rest: 0 };
  const [fast, slow] = await roundRobin([subject("fast", 10), subject("slow", 300)], rhythm);
  expect(turns).toEqual(["fast 3", "slow 3", "fast 5", "slow 2", "slow 2", "fast 5"]);
  expect(fast?.rounds).toEqual([
    [10, 10, 10, 10],
    [10, 10, 10, 10],
  ]);
  expect(slow?.rounds).toEqual([[300], [300]]);
});

test.each(benchMethods)("a tiny %s is measured in step, loop and product", async (method) => {
  const report = await measureStep({
    work: stepWork(benchTuning(method), { sizes: [5, 4, 3], batch: 6, trainRows: 20, validRows: 8 }),
    engines: [await jaxEngine()],
    rhythm: { rounds: 1, share: 0, maxSteps: 1, warmUp: 1, leadIn: 0, rest: 0 },
  });
  const steps = method === "plain" ? ["train", "loop", "product"] : ["train", "tune", "loop", "product"];
  expect(report.results.map(({ by, step }) => [by, step])).toEqual(steps.map((step) => ["jax", step]));
  for (const { median, rounds } of report.results) expect(rounds).toEqual([[median]]);
  expect(report.ratios.map(({ of, to }) => [of, to])).toEqual([["jax loop", "jax train"]]);
  expect(report.versions).toMatchObject({ node: process.versions.node, "@jax-js/jax": expect.any(String) });
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

test.each(hypernetKinds)("hyper-training, %s, is measured as well", async (kind) => {
  const work = hypernetWork(kind);
  const report = await measureStep({
    work,
    engines: [await jaxEngine()],
    rhythm: { rounds: 1, share: 0, maxSteps: 1, warmUp: 1, leadIn: 0, rest: 0 },
  });
  const steps = kind === "global" ? ["train", "loop", "product"] : ["train", "tune", "loop", "product"];
  expect(report.results.map(({ step }) => step)).toEqual(steps);
  expect(Object.keys(report.operations)).toEqual(kind === "global" ? ["train"] : ["train", "tune"]);
});

test("a peer is given what its work says", () => {
  const { peer } = stepWork(benchTuning("stn"), { sizes: [5, 4, 3], batch: 6, trainRows: 20, validRows: 8 });
  expect(peer.args).toEqual(["--method", "stn", "--sizes", "5", "4", "3", "--batch", "6"]);
});

describe("the peer", () => {
  const options = {
    args: ["--method", "stn"],
    python: process.execPath,
    get script() {
      return resolve("peer.mjs");
    },
  };

  test("is asked for steps line by line", async () => {
    writeFileSync(
      "peer.mjs",
      `import { createInterface } from "node:readline";
      import { writeFileSync } from "node:fs";
      writeFileSync("asked.json", JSON.stringify(process.argv.slice(2)));
      console.log(JSON.stringify({ ready: true, torch: "1.0", threads: { torch: 1 }, kinds: ["double-backward", "tune"] }));
      for await (const line of createInterface(process.stdin)) {
        const [, count, kind] = line.split(" ");
        console.log(JSON.stringify({ kind, ms: Array(Number(count)).fill(kind.length), peakResidentMiB: 7 }));
      }`,
    );
    using peer = await openPeer(options);
    expect(peer.torch).toBe("1.0");
    expect(peer.subjects).toMatchObject([{ step: "train", variant: "double-backward" }, { step: "tune" }]);
    expect(await peer.subjects[1]?.take(2)).toEqual([4, 4]);
    expect(await peer.subjects[0]?.take(1)).toEqual([15]);
    expect(peer.peakResidentMiB()).toBe(7);
    const asked = JSON.parse(readFileSync("asked.json", "utf8")) as string[];
    expect(asked).toEqual(options.args);
  });

  test.each<[string, string, RegExp]>([
    ["lacks PyTorch", "No module named 'torch'", /must find PyTorch, but .* has none; install it/],
    ["fails", "out of luck", /it ended: .*out of luck; try it by itself/],
  ])("that %s says what to do", async (_, complaint, sentence) => {
    writeFileSync("peer.mjs", `console.error(${JSON.stringify(complaint)}); process.exit(1);`);
    await expect(openPeer(options)).rejects.toThrow(sentence);
  });

  test("must be in a checkout", async () => {
    await expect(openPeer({ ...options, script: "none.py" })).rejects.toThrow(/must run in a checkout/);
  });
});
