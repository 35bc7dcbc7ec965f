import { beforeAll, describe, expect, test } from "vitest";

import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { clippedHypergradient } from "../../src/hypergrad/clip.ts";
import { heavyBall } from "../../src/hypergrad/heavy-ball.ts";
import { elementAt, withOptimizerHypers } from "../../src/hypergrad/optimizer-hypers.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import { cosine } from "../../src/nn/optim/schedule.ts";
import type { Task } from "../../src/problem/problem.ts";
import { ridge, type LinearData } from "../../src/problem/ridge.ts";
import { real } from "../../src/space/real.ts";
import { unconstrainedStart } from "../../src/space/space.ts";
import { trialRunner } from "../../src/study/trial.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { trainTrial } from "../../src/testing/train-trial.ts";
import { drmad } from "../../src/tuners/drmad.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { forwardUnrolled } from "../../src/tuners/forward-unrolled.ts";
import { implicitCg, implicitNeumann, t1T2 } from "../../src/tuners/implicit.ts";
import { reversible } from "../../src/tuners/reversible.ts";
import { endlessRun, type Tuner } from "../../src/tuners/tuner.ts";
import { unrolled } from "../../src/tuners/unrolled.ts";
import { hostVector, type HostArray } from "../../src/util/host-array.ts";
import { inSession, leaf, linearData, ready, tuneFully } from "./settle.ts";

beforeAll(ready);

const train: LinearData = linearData(1, 12, 3, [1, -2, 0.5], 1);
const valid: LinearData = linearData(2, 12, 3, [1, -2, 0.5], 1);
const ridgeTask = ridge({ train, valid, start: -1 });

const rate = (start: number, shape: readonly number[] = []) =>
  real(start, { low: 1e-4, high: 1, log: true, shape });
const share = (start: number, shape: readonly number[] = []) => real(start, { low: 0, high: 1, shape });

describe("plain training", () => {
  test("takes learning rate and momentum from the hyperparameters, the schedule being a factor", async () => {
    const schedule = cosine({ steps: 40 });
    const task = withOptimizerHypers(smallTask(), { learningRate: rate(0.07), momentum: share(0.6) });
    const tuned = await tuneFully(task, fixed({ optimizer: heavyBall(), schedule }), { steps: 20 });
    const plain = fixed({ optimizer: heavyBall({ momentum: 0.6 }), learningRate: 0.07, schedule });
    const { params } = await tuneFully(smallTask(), plain, { steps: 20 });
    leaf(tuned, "params.fc1.weight").forEach((w, i) =>
      expect(w).toBeCloseTo(leaf({ params: params as HostArray }, "params.fc1.weight")[i] as number, 7),
    );
  });

  test("does so in every trial of a search, whose programs are compiled once", async () => {
    const task = withOptimizerHypers(smallTask(), { learningRate: rate(0.05) }, { learningRate: "lr" });
    const [engine, environment] = [await onnxEngine(), { clock: { now: () => 0 } }];
    const run = { batchSize: 12, precision: "float64" } as const;
    const lossOf = async (of: Task, tuner: Tuner, values: Record<string, number>[]): Promise<number[]> => {
      const runner = trialRunner({ task: of, tuner, engine, run, environment });
      const losses: number[] = [];
      for (const trial of values) {
        const { trace } = await trainTrial(runner, { values: trial }, 3);
        losses.push(trace.at(-1)?.valid.loss as number);
      }
      runner.dispose();
      return losses;
    };
    const found = await lossOf(task, fixed(), [{ lr: 0.01 }, { lr: 0.3 }]);
    for (const [i, learningRate] of [0.01, 0.3].entries()) {
      const [expected] = await lossOf(smallTask(), fixed({ learningRate }), [{}]);
      expect(found[i]).toBeCloseTo(expected as number, 8);
    }
    expect(Math.abs((found[0] as number) - (found[1] as number))).toBeGreaterThan(0.01);
  });

  test("refuses settings that its optimizer is not fed", () => {
    const task = withOptimizerHypers(smallTask(), { momentum: share(0.5) });
    expect(() => fixed().prepare(task, 0, endlessRun)).toThrow(
      '(learningRate of sgd), but "optimizer.momentum"',
    );
  });
});

describe("a setting with the shape [K] is a schedule over T steps", () => {
  const [STEPS, K] = [14, 4];
  const scheduled = withOptimizerHypers(smallTask({ hidden: [3] }), {
    learningRate: rate(0.05, [K]),
    momentum: share(0.7, [K]),
  });
  const whole = { warmupEpochs: 0, horizon: STEPS, hyperLearningRate: 1, hyperOptimizer: gradientDescent() };

  test("whose element of step t is floor(t K / T), again and again", () => {
    const elements = Array.from({ length: 16 }, (_, t) => elementAt(t, K, STEPS));
    expect(elements).toEqual([0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 0, 0]);
  });

  /** The state after whole trainings from these unconstrained hyperparameters, by plain steps or with a hyperparameter step. */
  const trained = (task: Task, tuner: Tuner, hypers: ArrayLike<number>, steps = STEPS) =>
    inSession(task, tuner, {}, async ({ prepared, session, host }) => {
      session.write({ hypers: hostVector(hypers) });
      let report;
      for (let step = 0; step < steps; step++) report = await prepared.advance(host, step);
      const sums = await session.run("evaluate", {
        batch: task.data.valid.fields,
        weight: hostVector(Array(task.data.valid.rows).fill(1 / task.data.valid.rows)),
      });
      const state = await session.read();
      return { hypers: leaf(state, "hypers"), loss: (sums.loss as HostArray).data[0] as number, report };
    });

  // learning rates that differ, and momenta of 7/10, which exact arithmetic takes as they are
  const start = Array.from(
    unconstrainedStart(scheduled.problem.space),
    (u, i) => u + (i < 7 ? Math.sin(i) : 0),
  );
  const gradientBy = async (tuner: Tuner): Promise<number[]> => {
    const { hypers } = await trained(scheduled, tuner, start);
    return start.map((u, i) => u - (hypers[i] as number));
  };
  const plain = fixed({ optimizer: heavyBall(), scheduleSteps: STEPS });
  const difference = async (i: number): Promise<number> => {
    const lossAt = async (by: number) =>
      (await trained(scheduled, plain, start.map((u, k) => (k === i ? u + by : u)))).loss; // prettier-ignore
    return ((await lossAt(1e-4)) - (await lossAt(-1e-4))) / 2e-4;
  };

  test("the hypergradient by each element is the difference of whole trainings", async () => {
    const found = await gradientBy(unrolled({ ...whole, optimizer: heavyBall() }));
    expect(found).toHaveLength(3 + 2 * K);
    for (let i = 3; i < found.length; i++) {
      const expected = await difference(i);
      expect(Math.abs((found[i] as number) - expected)).toBeLessThan(1e-6 * Math.abs(expected));
    }
  });

  test("and going backwards in exact arithmetic gives the same, as does forward mode", async () => {
    const expected = await gradientBy(unrolled({ ...whole, optimizer: heavyBall() }));
    const largest = Math.max(...expected.map(Math.abs));
    const gaps = async (tuner: Tuner) =>
      Math.max(...(await gradientBy(tuner)).map((g, i) => Math.abs(g - (expected[i] as number)) / largest));
    expect(await gaps(reversible(whole))).toBeLessThan(1e-7);
    const { horizon: trainSteps, ...forward } = whole;
    const online = { ...forward, trainSteps, scheduleSteps: STEPS, optimizer: heavyBall() };
    expect(await gaps(forwardUnrolled(online))).toBeLessThan(1e-10);
  });

  test("tuned by whole-training hypergradients it ends lower than where it started, by either method", async () => {
    const T = 40;
    const held = smallTask({ hidden: [3], hypers: {} });
    const schedule = withOptimizerHypers(held, { learningRate: rate(0.02, [8]), momentum: share(0.5, [8]) });
    const meta = { ...whole, horizon: T, hyperLearningRate: 2 };
    const ends = async (tuner: Tuner) => {
      let hypers: ArrayLike<number> = unconstrainedStart(schedule.problem.space);
      const losses: number[] = [];
      for (let round = 0; round < 10; round++) {
        const { hypers: moved, loss } = await trained(schedule, tuner, hypers, T);
        hypers = moved;
        losses.push(loss);
      }
      return losses as [number, ...number[]];
    };
    const [before, ...after] = await ends(unrolled({ ...meta, optimizer: heavyBall() }));
    expect(before - (after.at(-1) as number)).toBeCloseTo(0.2373, 3);
    expect((await ends(reversible(meta))).at(-1)).toBeCloseTo(after.at(-1) as number, 4);
  });
});

describe("a hypergradient that is too long", () => {
  test("is made as long as it may be, and left out where it is not finite", () => {
    expect(Array.from(clippedHypergradient(hostVector([3, -4]), 2.5).data)).toEqual([1.5, -2]);
    expect(Array.from(clippedHypergradient(hostVector([3, -4]), 5).data)).toEqual([3, -4]);
    expect(Array.from(clippedHypergradient(hostVector([3e300, -4e300]), 5).data)[1]).toBeCloseTo(-4, 12);
    for (const wrong of [NaN, Infinity]) {
      expect(Array.from(clippedHypergradient(hostVector([1, wrong]), 5).data)).toEqual([0, 0]);
    }
    const untouched = hostVector([1, NaN]);
    expect(clippedHypergradient(untouched, Infinity)).toBe(untouched);
    expect(() => unrolled({ hyperClip: 0 })).toThrow("hyperClip must be above 0, but got 0");
  });

  // the largest curvature of the ridge is below 30: a learning rate of .3 multiplies the weights at every step
  const steepest = { hyperOptimizer: gradientDescent(), hyperLearningRate: 0.5, warmupEpochs: 0 };
  const exploding = { ...steepest, learningRate: 0.3, optimizer: gradientDescent() };
  const tuners = (hyperClip: number): [Tuner, number][] => [
    [unrolled({ ...exploding, horizon: 10, hyperClip }), 10],
    [drmad({ ...exploding, horizon: 10, hyperClip }), 10],
    [forwardUnrolled({ ...exploding, trainSteps: 10, hyperClip }), 10],
    [reversible({ ...steepest, learningRate: 0.3, momentum: 0.1, horizon: 6, hyperClip }), 6],
    [implicitCg({ ...exploding, trainSteps: 10, hyperClip }), 10],
    [implicitNeumann({ ...exploding, trainSteps: 10, hyperClip, step: 0.3 }), 10],
    [t1T2({ ...exploding, trainSteps: 10, hyperClip }), 10],
  ];
  test.each([0, 1, 2, 3, 4, 5, 6])("moves λ by no more than the rate times the limit (%i)", async (i) => {
    const moved = async (hyperClip: number) => {
      const [tuner, steps] = tuners(hyperClip)[i] as [Tuner, number];
      return Math.abs((leaf(await tuneFully(ridgeTask, tuner, { steps }), "hypers")[0] as number) + 1);
    };
    expect(await moved(0.2)).toBeLessThan(0.5 * 0.2 + 1e-9);
    expect(await moved(0.2)).toBeGreaterThan(0.5 * 0.2 - 1e-9);
    expect(await moved(1e300)).toBeGreaterThan(10);
  });
});
