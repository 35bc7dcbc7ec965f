import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import type { Engine } from "../../src/engine/engine.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { mlp } from "../../src/nn/mlp.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { real } from "../../src/space/real.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { stn } from "../../src/tuners/stn.ts";
import type { Host } from "../../src/tuners/host.ts";
import { endlessRun } from "../../src/tuners/tuner.ts";
import { HostArray, mapTree, type HostTree } from "../../src/util/host-array.ts";
import { leaf } from "../oracles/settle.ts";
import { golden, methods, settings, type Flat, type Golden, type Step } from "./self-tuning.ts";

const stored = JSON.parse(readFileSync(new URL("self-tuning.json", import.meta.url), "utf8")) as Golden;

const factories = { stn, "centered-stn": centeredStn, "delta-stn": deltaStn };

const matrix = (rows: number[][]) =>
  new HostArray(Float64Array.from(rows.flat()), [rows.length, (rows[0] as number[]).length]);
const labels = (y: number[]) => new HostArray(Int32Array.from(y), [y.length]);
const batch = ({ x, y }: Step) => ({ x: matrix(x), y: labels(y) });

const part = { rows: 4, fields: batch(stored.valid) };
const { inputHigh, hiddenHigh, decayLow, decayHigh } = settings;
const task = supervised({
  data: {
    name: "golden",
    splits: { train: part, valid: part },
    task: "classification",
    inputShape: [2],
    outputs: 2,
    warnings: [],
  },
  network: mlp({ inputs: 2, hidden: [3], outputs: 2 }),
  hypers: {
    "dropout.input": real(0.1, { low: 0, high: inputHigh }),
    "dropout.fc1": real(0.1, { low: 0, high: hiddenHigh }),
    l2: real(0.01, { low: decayLow, high: decayHigh, log: true }),
  },
});

/** The state and the losses after the golden steps, computed by the tuner. */
async function traced(method: keyof typeof factories, engine: Engine) {
  const { learningRate, hyperLearningRate, scaleLearningRate, entropyWeight } = settings;
  const prepared = factories[method]({
    learningRate,
    hyperLearningRate,
    scaleLearningRate,
    entropyWeight,
    warmupEpochs: 0,
    trainSteps: 3,
  }).prepare(task, 0, endlessRun);
  const start: HostTree = mapTree(prepared.state, (array, path) => {
    const values = stored.start[path];
    return values ? new HostArray(Float64Array.from(values), array.shape) : array;
  });
  const session = engine.open(prepared.programs, start as Record<string, HostTree>, "float64");
  const host: Host = {
    stepsPerEpoch: 1,
    run: (program, inputs) => session.run(program, inputs),
    trainInputs(step) {
      const at = stored.train[step] as Step;
      return { batch: batch(at), noise: { input: matrix(at.dropInput), fc1: matrix(at.dropHidden) } };
    },
    validBatch: () => batch(stored.valid),
    perturbation: (stream, index) =>
      matrix((stream === "train" ? (stored.train[index] as Step) : stored.valid).z),
  };
  const reports = [];
  for (const step of stored.train.keys()) reports.push(await prepared.advance(host, step));
  const state = await session.read();
  session.dispose();
  return { state, reports };
}

const near = (actual: readonly number[], expected: readonly number[], tolerance: number, what: string) =>
  expected.forEach((value, i) =>
    expect(
      Math.abs((actual[i] as number) - value) / Math.max(Math.abs(value), 0.1),
      `${what}[${i}]`,
    ).toBeLessThan(tolerance),
  );

test("the stored trace is what the plain script computes", () => {
  const again = golden();
  for (const method of methods) {
    for (const [name, values] of Object.entries(stored.ends[method].state))
      near(again.ends[method].state[name] as number[], values, 1e-9, `${method} ${name}`);
  }
  expect(again.train).toEqual(stored.train);
});

test("the stored traces of the three methods differ", () => {
  const [first, second, third] = methods.map((method) => stored.ends[method].state);
  for (const [one, other] of [
    [first, second],
    [second, third],
  ] as const) {
    const [a, b] = [one, other].map((flat) => (flat as Flat)["response.fc1.weightGain"] as number[]);
    expect(
      Math.max(...(a as number[]).map((v, i) => Math.abs(v - ((b as number[])[i] as number)))),
    ).toBeGreaterThan(1e-4);
  }
});

// jax-js rounds constants to float32 in compiled float64 programs, and its WebAssembly approximates exp and log
describe.each([
  ["onnx", () => onnxEngine(), 5e-7],
  ["jax cpu", () => jaxEngine("cpu"), 5e-7],
  ["jax wasm", () => jaxEngine("wasm"), 2e-5],
] as const)("on %s", (_, makeEngine, tolerance) => {
  test.each(methods)("%s makes the golden steps", async (method) => {
    const { state, reports } = await traced(method, await makeEngine());
    const { state: expected, losses, penalties } = stored.ends[method];
    const moved = Object.entries(expected).filter(([name, values]) => {
      const before = stored.start[name] as number[];
      return values.some((v, i) => Math.abs(v - (before[i] as number)) > 1e-3);
    });
    expect(moved.map(([name]) => name).sort()).toEqual(Object.keys(stored.start).sort());
    for (const [name, values] of Object.entries(expected)) near(leaf(state, name), values, tolerance, name);
    near(
      reports.map(({ loss }) => loss),
      losses,
      tolerance,
      "loss",
    );
    near(
      reports.map(({ penalty }) => penalty),
      penalties,
      tolerance,
      "penalty",
    );
  });
});
