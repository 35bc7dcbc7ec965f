import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, test } from "vitest";

import { bestWeights, linearData } from "../../reproductions/delta-stn-2020/ridge-with-dropout.ts";
import { uciData } from "../../reproductions/delta-stn-2020/uci.ts";
import { splitDataset } from "../../src/data/dataset-parts.ts";
import { mlp } from "../../src/nn/mlp.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { real } from "../../src/space/real.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { leaf, ready, tuneFully } from "../oracles/settle.ts";

const FEATURES = 3;
const ROWS = 60;
const script = fileURLToPath(
  new URL("../../reproductions/delta-stn-2020/linear-regression.ts", import.meta.url),
);
let folder = "";

/** A noisy linear set in the layout of the UCI sets. */
beforeAll(async () => {
  await ready();
  folder = await mkdtemp(join(tmpdir(), "hypertrain-uci-"));
  const draws = randomNormal(randomKey(9, "synthetic"), 0, ROWS * (FEATURES + 1)); // a seed with the optimum inside
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const [a, b, c, e] = draws.subarray(i * 4, i * 4 + 4) as unknown as [number, number, number, number];
    return [10 + a, 5 * b, 0.1 * c, a - 0.5 * b + 2.5 * e];
  });
  const files = {
    "data.txt": lines.map((line) => line.map((v) => v.toFixed(6)).join("\t")).join("\n"),
    "index_features.txt": "0\n1\n2",
    "index_target.txt": "3",
    "index_train_0.txt": Array.from({ length: 54 }, (_, i) => i).join("\n"),
    "index_test_0.txt": Array.from({ length: 6 }, (_, i) => 54 + i).join("\n"),
  };
  await mkdir(join(folder, "uci/synthetic"), { recursive: true });
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, "uci/synthetic", name), `${text}\n`);
});

afterAll(() => rm(folder, { recursive: true }));

test("O10: training with weight decay and input dropout ends at the closed form", async () => {
  const [decay, rate] = [0.3, 0.5];
  const options = { seed: 0, validShare: 0.2, trainRows: Infinity, batchRows: 1 };
  const data = uciData(join(folder, "uci/synthetic"), "synthetic", options);
  const { train } = data.splits;
  // At the rate ½ all masks of the columns are equally probable: one copy of the rows for each is the expectation itself.
  const masks = 2 ** FEATURES;
  const copied = Uint32Array.from({ length: masks * train.rows }, (_, i) => i % train.rows);
  const splits = { ...data.splits, train: splitDataset(train, { train: copied, valid: copied }).train };
  const uniforms = Float64Array.from({ length: copied.length * FEATURES }, (_, at) => {
    const [row, column] = [Math.floor(at / FEATURES), at % FEATURES];
    return (Math.floor(row / train.rows) >> column) & 1 ? 0.75 : 0.25;
  });
  const noise = { input: new HostArray(uniforms, [copied.length, FEATURES]) };

  const task = supervised({
    data: { ...data, splits },
    network: mlp({ inputs: FEATURES, hidden: [], outputs: 1 }),
    hypers: { l2: real(decay, { low: 0 }), "dropout.input": real(rate, { low: 0, high: 1 }) },
  });
  const state = await tuneFully(task, fixed({ learningRate: 0.02 }), { steps: 800, noise: () => noise });

  const expected = bestWeights(linearData(train))(decay, rate);
  const trained = leaf(state, "params.fc1.weight");
  expected.forEach((w, j) => expect(Math.abs((trained[j] as number) - w)).toBeLessThan(1e-6));
  expect(Math.abs(leaf(state, "params.fc1.bias")[0] as number)).toBeLessThan(1e-6);
});

test("linear-regression.ts: every method ends at the grid's optimum", async () => {
  const out = join(folder, "out");
  const options = ["--data-dir", folder, "--sets", "synthetic", "--train-rows", "20", "--steps", "500"];
  await promisify(execFile)(process.execPath, [script, ...options, "--out", out]);

  type Result = { method: string; start: string; excess: number; trainedExcess: number };
  const [found] = JSON.parse(await readFile(join(out, "linear-regression.json"), "utf8")) as [
    { rows: number; optimum: { strength: number }; results: Result[] },
  ];
  expect(found.rows).toBe(20);
  expect(found.optimum.strength).toBeGreaterThan(0.02); // inside the grid, so that there is something to find
  expect(found.optimum.strength).toBeLessThan(2);
  expect(found.results.map(({ method }) => method)).toEqual(
    ["stn", "centered-stn", "delta-stn", "stn", "centered-stn", "delta-stn"], // from two starts
  );
  for (const { method, start, excess, trainedExcess } of found.results) {
    expect(excess, `${method}, ${start} start`).toBeGreaterThan(-0.1); // the grid's steps
    expect(excess, `${method}, ${start} start`).toBeLessThan(method === "stn" ? 2 : 0.3);
    expect(Math.abs(trainedExcess), `${method}, ${start} start`).toBeLessThan(method === "stn" ? 5 : 2);
  }
  expect(await readFile(join(out, "linear-regression.svg"), "utf8")).toContain("synthetic, 20 training rows");
});
