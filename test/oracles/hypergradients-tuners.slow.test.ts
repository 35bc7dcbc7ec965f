import { beforeAll, describe, expect, test } from "vitest";

import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { heavyBall } from "../../src/hypergrad/heavy-ball.ts";
import { withOptimizerHypers } from "../../src/hypergrad/optimizer-hypers.ts";
import { gradientDescent, sgd } from "../../src/nn/optim/sgd.ts";
import type { Task } from "../../src/problem/problem.ts";
import { ridge, type LinearData } from "../../src/problem/ridge.ts";
import { choice } from "../../src/space/choice.ts";
import { real } from "../../src/space/real.ts";
import { createSpace, toNatural } from "../../src/space/space.ts";
import { demandSame } from "../../src/testing/contract.ts";
import { halfSquaredError, optimalPenalty } from "../../src/testing/ridge-oracle.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { drmad } from "../../src/tuners/drmad.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { forwardUnrolled } from "../../src/tuners/forward-unrolled.ts";
import { implicitCg, implicitNeumann, t1T2 } from "../../src/tuners/implicit.ts";
import { reversible } from "../../src/tuners/reversible.ts";
import { createRun } from "../../src/tuners/run.ts";
import { endlessRun, type Tuner } from "../../src/tuners/tuner.ts";
import { unrolled } from "../../src/tuners/unrolled.ts";
import { type HostArray } from "../../src/util/host-array.ts";
import { inSession, leaf, linearData, ready, settle, tuneFully } from "./settle.ts";

beforeAll(ready);

const train: LinearData = linearData(1, 12, 3, [1, -2, 0.5], 1);
const valid: LinearData = linearData(2, 12, 3, [1, -2, 0.5], 1);
const task = ridge({ train, valid, start: -1 });

describe("O6: every unrolled tuner ends at the optimal penalty of ridge", () => {
  const steepest = { hyperOptimizer: gradientDescent(), hyperLearningRate: 0.5, warmupEpochs: 30 };
  const plain = { ...steepest, optimizer: gradientDescent(), learningRate: 0.05, horizon: 40 };
  test.each([
    unrolled(plain),
    unrolled({ ...plain, horizon: 35, trainSteps: 40 }),
    unrolled({ ...plain, optimizer: sgd({ momentum: 0.5 }), learningRate: 0.04 }),
    drmad(plain),
    reversible({ ...steepest, learningRate: 0.03, momentum: 0.5, horizon: 25 }),
    forwardUnrolled({ ...plain, trainSteps: 10, hyperLearningRate: 0.3 }),
  ])("$name", async (tuner) => {
    const state = await tuneFully(task, tuner, { steps: 1500 });
    const gap = Math.abs((leaf(state, "hypers")[0] as number) - optimalPenalty(train, valid));
    expect(gap).toBeLessThan(5e-4); // what is left is the part of the response that is older than the window
  });
});

test("reversible moves λ as unrolled does, also where every lost bit would be a billion times as large in the end", async () => {
  const options = { warmupEpochs: 0, horizon: 60, learningRate: 0.03, hyperOptimizer: gradientDescent() };
  const [exact, stored] = [
    await tuneFully(task, reversible({ ...options, momentum: 0.5 }), { steps: 120 }),
    await tuneFully(task, unrolled({ ...options, optimizer: heavyBall({ momentum: 0.5 }) }), { steps: 120 }),
  ];
  const [found, expected] = [exact, stored].map((state) => leaf(state, "hypers")[0] as number);
  expect(Math.abs((found as number) - (expected as number))).toBeLessThan(1e-7);
  expect(expected).not.toBeCloseTo(-1, 2);
});

describe("over a window from the start λ moves along the difference of whole trainings", () => {
  const STEPS = 12;
  const rates = { learningRate: 0.01, warmupEpochs: 0 };
  const common = { ...rates, hyperOptimizer: gradientDescent(), hyperLearningRate: 1 };
  const optimizer = heavyBall({ momentum: 0.5 });

  async function difference(): Promise<number> {
    const lossAt = async (start: number) => {
      const tuner = fixed({ optimizer, learningRate: rates.learningRate });
      const state = await settle(ridge({ train, valid, start }), tuner, { steps: STEPS });
      return halfSquaredError(valid, leaf(state, "params.w.weight"));
    };
    return ((await lossAt(-1 + 1e-5)) - (await lossAt(-1 - 1e-5))) / 2e-5;
  }

  const moved = async (tuner: Tuner): Promise<number> =>
    -1 - (leaf(await tuneFully(task, tuner, { steps: STEPS }), "hypers")[0] as number);

  test.each([
    unrolled({ ...common, optimizer, horizon: STEPS }),
    forwardUnrolled({ ...common, optimizer, trainSteps: STEPS }),
    reversible({ ...common, momentum: 0.5, horizon: STEPS }),
  ])("$name", async (tuner) => {
    const expected = await difference();
    expect(Math.abs((await moved(tuner)) - expected)).toBeLessThan(1e-6 * Math.abs(expected));
  });

  test.each([
    unrolled({ ...common, optimizer, horizon: 8, trainSteps: STEPS }),
    drmad({ ...common, optimizer, horizon: STEPS }),
  ])("but not where $name cuts the window or the corners", async (tuner) => {
    const expected = await difference();
    expect(Math.abs((await moved(tuner)) - expected)).toBeGreaterThan(1e-3 * Math.abs(expected));
  });
});

describe("gradients are counted, a product as two", () => {
  const counted = (tuner: Tuner, steps: number): Promise<number[]> =>
    inSession(smallTask(), tuner, {}, async ({ prepared, host }) => {
      const counts: number[] = [];
      for (let step = 0; step < steps; step++) {
        counts.push((await prepared.advance(host, step)).gradientEvaluations);
      }
      return counts;
    });
  const window = { horizon: 3, trainSteps: 4, warmupEpochs: 2 };
  const pair = { trainSteps: 2, warmupEpochs: 2 };

  const cases: [string, Tuner, number[]][] = [
    ["each step, a validation gradient, three products", unrolled(window), [1, 1, 1, 1, 1, 1 + 1 + 6, 1]],
    ["the same", drmad(window), [1, 1, 1, 1, 1, 1 + 1 + 6, 1]],
    ["three gradients more on the way back", reversible(window), [1, 1, 1, 1, 1, 1 + 1 + 6 + 3, 1]],
    ["a product for each of three hyperparameters", forwardUnrolled(pair), [1, 1, 7, 8, 7, 8]],
    ["two products and one with L_T,λw", implicitCg({ ...pair, iterations: 2 }), [1, 1, 1, 1 + 1 + 6]],
    ["three products and one", implicitNeumann({ ...pair, terms: 4 }), [1, 1, 1, 1 + 1 + 8]],
    ["one", t1T2({ warmupEpochs: 2 }), [1, 1, 4, 4]],
  ];
  test.each(cases.map(([why, tuner, counts]) => [tuner.name, why, tuner, counts] as const))(
    "of %s: %s",
    async (_, __, tuner, expected) => {
      expect(await counted(tuner, expected.length)).toEqual(expected);
    },
  );

  test("as many again where a run stopped in the middle of a window, whose trajectory is run again", async () => {
    const tuner = unrolled({ horizon: 5, warmupEpochs: 0 });
    const options = { epochs: 8, batchSize: 12, precision: "float64" } as const;
    const still = { clock: { now: () => 0 } };
    const whole = createRun(smallTask(), tuner, await onnxEngine(), options, still);
    for await (const _ of whole.events());
    const first = createRun(smallTask(), tuner, await onnxEngine(), options, still);
    for await (const event of first.events()) if (event.kind === "step" && event.step === 8) break;
    const second = createRun(smallTask(), tuner, await onnxEngine(), options, still, await first.snapshot());
    for await (const _ of second.events());
    const [expected, resumed] = [await whole.snapshot(), await second.snapshot()];
    demandSame(resumed.state, expected.state, "the resumed state");
    expect(resumed.progress).toEqual(expected.progress);
    expect(expected.progress.gradientEvaluations).toBe(16 + 3 * (1 + 10));
    for (const run of [whole, first, second]) run.dispose();
  });
});

describe("the optimizer's own settings are tuned", () => {
  const withRate = (start: number): Task =>
    withOptimizerHypers(task, { learningRate: real(start, { low: 1e-5, high: 0.08, log: true }) });
  const valueOf = (tuned: Task, state: Parameters<typeof leaf>[0], name: string) =>
    toNatural(tuned.problem.space, leaf(state, "hypers"))[name] as number;
  const common = { warmupEpochs: 0, hyperLearningRate: 0.1, horizon: 8 };

  test.each([
    unrolled({ ...common, optimizer: gradientDescent() }),
    forwardUnrolled({ ...common, trainSteps: 4, optimizer: gradientDescent() }),
    reversible({ ...common, momentum: 0.5 }),
    drmad({ ...common, optimizer: gradientDescent() }),
  ])("$name raises a learning rate that is far too low", async (tuner) => {
    const tuned = withRate(1e-4);
    const state = await tuneFully(tuned, tuner, { steps: 120 });
    expect(valueOf(tuned, state, "optimizer.learningRate")).toBeGreaterThan(2e-4);
  });

  test("a learning rate that is held fixed as a hyperparameter is that learning rate", async () => {
    const held = { warmupEpochs: 0, hyperLearningRate: 0, optimizer: gradientDescent() };
    const [as, plain] = [
      await tuneFully(withRate(0.03), unrolled({ ...held, learningRate: 7 }), { steps: 30 }),
      await tuneFully(task, unrolled({ ...held, learningRate: 0.03 }), { steps: 30 }),
    ];
    leaf(as, "params.w.weight").forEach((w, i) =>
      expect(w).toBeCloseTo(leaf(plain, "params.w.weight")[i] as number, 7),
    );
  });

  test("and so is momentum, with an optimizer that is fed it", async () => {
    const tuned = withOptimizerHypers(task, { momentum: real(0.3, { low: 0.05, high: 0.95 }) });
    const options = { ...common, learningRate: 0.002 };
    for (const tuner of [unrolled({ ...options, optimizer: heavyBall() }), reversible(options)]) {
      const state = await tuneFully(tuned, tuner, { steps: 120 });
      expect(valueOf(tuned, state, "optimizer.momentum")).toBeGreaterThan(0.4);
    }
    expect(() => unrolled().prepare(tuned, 0, endlessRun)).toThrow(
      '(learningRate of sgd), but "optimizer.momentum" is its momentum',
    );
  });

  test("alone, where a problem has no other hyperparameters", async () => {
    const bare = withOptimizerHypers(smallTask({ hypers: {} }), { learningRate: real(0.01, { log: true }) });
    const { hypers } = await tuneFully(bare, unrolled({ ...common }), { steps: 16 });
    expect((hypers as HostArray).data[0]).not.toBe(Math.log(0.01));
  });
});

describe("before a run starts, the unrolled methods refuse", () => {
  const tuners = [unrolled(), drmad(), reversible(), forwardUnrolled()];

  test.each(tuners)("$name a choice, a hyperparameter that does nothing, and none", (tuner) => {
    const { problem } = task;
    const spaced = (hypers: Parameters<typeof createSpace>[0]): Task => ({
      ...task,
      problem: { ...problem, space: createSpace({ ...problem.space.hypers, ...hypers }) },
    });
    expect(() =>
      tuner.prepare(spaced({ kind: choice("a", { options: ["a", "b"] }) }), 0, endlessRun),
    ).toThrow("chooses among");
    expect(() => tuner.prepare(spaced({ idle: real(1) }), 0, endlessRun)).toThrow(
      'does not depend on "idle"',
    );
    expect(() => tuner.prepare(smallTask({ hypers: {} }), 0, endlessRun)).toThrow(
      "at least one hyperparameter",
    );
    const matrix = withOptimizerHypers(task, { learningRate: real(0.1, { shape: [2, 2] }) });
    expect(() => tuner.prepare(matrix, 0, endlessRun)).toThrow("must be one real number or a list");
    const long = withOptimizerHypers(task, { learningRate: real(0.1, { shape: [21] }) });
    expect(() => tuner.prepare(long, 0, endlessRun)).toThrow(
      /"optimizer.learningRate" has 21 for (20|an unknown number of) steps/,
    );
  });

  test("windows that cannot be", () => {
    expect(() => unrolled({ horizon: 0 })).toThrow("horizon=0");
    expect(() => drmad({ horizon: 5, trainSteps: 4 })).toThrow("horizon=5, trainSteps=4");
    expect(() => reversible({ momentum: 0 })).toThrow("strictly between 0 and 1");
  });
});
