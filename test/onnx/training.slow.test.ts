import { describe, expect, test } from "vitest";

import type { Engine, Precision } from "../../src/engine/engine.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import { dense } from "../../src/response/dense.ts";
import { lowRank } from "../../src/response/low-rank.ts";
import { demandSame } from "../../src/testing/contract.ts";
import { real } from "../../src/space/real.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { createRun } from "../../src/tuners/run.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import { leavesOf, type HostTree } from "../../src/util/host-array.ts";
import { taskFor, tuners } from "../contracts/tuners.ts";

const soon = { warmupEpochs: 0, trainSteps: 2 };

const methods: Readonly<Record<string, Tuner>> = {
  ...tuners,
  "deltaStn with Adam and clipping": deltaStn({
    ...soon,
    optimizer: adam(),
    learningRate: 0.01,
    clipNorm: 0.5,
  }),
  "deltaStn with a dense response": deltaStn({ ...soon, response: dense, learningRate: 0.01 }),
  "deltaStn with a low-rank response": deltaStn({ ...soon, response: lowRank(2), learningRate: 0.01 }),
};

const perMinibatch = smallTask({
  hypers: {
    "dropout.input": real(0.1, { low: 0, high: 0.9 }),
    l2: real(0.01, { low: 1e-4, high: 1, log: true, perturb: "minibatch" }),
    l1: real(0.01, { low: 1e-4, high: 1, log: true, perturb: "minibatch" }),
  },
});
const sharedOnly = /dense|low-rank/; // responses that give one set of weights to a whole minibatch

/** The state after some steps, of which every second is followed by a hyperparameter step. */
async function trained(name: string, engine: Engine, precision: Precision, steps: number): Promise<HostTree> {
  const task = sharedOnly.test(name) ? perMinibatch : taskFor(methods[name] as Tuner);
  const options = { epochs: Infinity, timeLimit: 1, batchSize: 7, seed: 3, precision };
  const clock = { now: () => 0 };
  const run = createRun(task, methods[name] as Tuner, engine, options, { clock });
  for await (const event of run.events()) if (event.kind === "step" && event.step === steps) break;
  const { state } = await run.snapshot();
  run.dispose();
  return state;
}

async function compare(
  name: string,
  steps: number,
  precisions: { readonly expected: Precision; readonly actual: Precision },
  tolerance: number,
  makeReference: () => Promise<Engine> = () => jaxEngine("cpu"), // all digits of exp and log, which wasm approximates
): Promise<void> {
  const expected = await trained(name, await makeReference(), precisions.expected, steps);
  const actual = await trained(name, await onnxEngine(), precisions.actual, steps);
  expect(leavesOf(expected).every(([, { data }]) => data.every(Number.isFinite))).toBe(true);
  const [found, wanted] =
    precisions.actual === "float32" ? [numbersIn(actual), numbersIn(expected)] : [actual, expected];
  demandSame(found, wanted, "the state", tolerance);
}

/** Without integers: those of `reversible` are exact records of roundings, each engine's own in float32. */
const numbersIn = (state: HostTree): HostTree =>
  Object.fromEntries(leavesOf(state).filter(([, { data }]) => !(data instanceof Int32Array)));

const double = { expected: "float64", actual: "float64" } as const;
const single = { expected: "float32", actual: "float32" } as const;

describe("a step makes the state that jax-js makes", () => {
  test.each(Object.keys(methods))("%s, in float64 within 1e-7", (name) => compare(name, 1, double, 1e-7));
  test.each(Object.keys(methods))("%s, in float32 within 1e-5", (name) => compare(name, 1, single, 1e-5));
});

describe("100 steps make the state that jax-js makes, in float64 within 1e-6", () => {
  test.each(Object.keys(tuners))("%s", (name) => compare(name, 100, double, 1e-6));
});

/*
 * Rounding errors grow as training goes on. In float32 they grow past any useful tolerance where a ReLU or a dropout comparison
 * falls on the other side, which 100 steps of these tasks do not show.
 */
describe("100 steps in float32 stay within 0.002 of those in float64", () => {
  const mixed = { expected: "float64", actual: "float32" } as const;
  test.each(Object.keys(methods))("%s", (name) => compare(name, 100, mixed, 2e-3, () => onnxEngine()));
});
