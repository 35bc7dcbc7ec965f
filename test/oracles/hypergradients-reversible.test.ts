import { beforeAll, describe, expect, test } from "vitest";

import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import type { ArrayTree, Engine, NoArrays, Precision, Program, Session } from "../../src/engine/engine.ts";
import { ratioOf } from "../../src/hypergrad/fixed-point.ts";
import { bitsOf } from "../../src/testing/bits-of.ts";
import { heavyBall } from "../../src/hypergrad/heavy-ball.ts";
import {
  carryOf,
  gradientOn,
  reversedStep,
  reversedTrajectory,
  reversibleStart,
  reversibleStep,
  trainGradientProgram,
  type ReversibleState,
} from "../../src/hypergrad/reversible.ts";
import type { TrainingState } from "../../src/hypergrad/training-step.ts";
import { reverseHypergradient, storedTrajectory, unrolledPrograms } from "../../src/hypergrad/unrolled.ts";
import { unconstrainedStart } from "../../src/space/space.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { drawNoise } from "../../src/tuners/noise.ts";
import { flattened, inStructure, hostScalar, hostVector } from "../../src/util/host-array.ts";
import { randomKey } from "../../src/util/random.ts";
import { ready } from "./settle.ts";

beforeAll(ready);

const task = smallTask({ hidden: [3] });
const optimizer = heavyBall();
const rates = { learningRate: 0.05, ratio: ratioOf(0.9) };
const params = task.problem.init(randomKey(0, "params"));

const inputsAt = (step: number) => ({
  batch: task.data.train.fields,
  noise: drawNoise(task.problem.noise, 0, step, task.data.train.rows),
  settings: { learningRate: hostScalar(0.05), momentum: hostScalar(0.9) },
});

const place: Program<TrainingState, { params: ArrayTree }, NoArrays> = (_, { params }) => [{ params }, {}];
const training = { problem: task.problem, optimizer };
const programs = {
  ...unrolledPrograms(training),
  trainGradient: trainGradientProgram(training),
  place,
};

async function within<T>(
  work: (session: Session<typeof programs>) => Promise<T>,
  precision: Precision,
  makeEngine: () => Promise<Engine> = () => onnxEngine(),
): Promise<T> {
  const hypers = hostVector(unconstrainedStart(task.problem.space));
  const state = { params, optimizer: optimizer.init(params), hypers };
  const session = (await makeEngine()).open(programs, state, precision);
  try {
    return await work(session);
  } finally {
    session.dispose();
  }
}

const gradientAt = (session: Session<typeof programs>, step: number) => async (weights: Float64Array) =>
  (await gradientOn(session, weights, params, inputsAt(step))).gradient;

async function ahead(session: Session<typeof programs>, steps: number): Promise<ReversibleState[]> {
  const states = [reversibleStart(flattened(params))];
  for (let step = 0; step < steps; step++) {
    const { params: w } = states[step] as ReversibleState;
    const gradient = await gradientAt(session, step)(w.map((value) => value / 2 ** 32));
    states.push(reversibleStep(states[step] as ReversibleState, gradient, rates));
  }
  return states;
}

describe("training with momentum runs backwards bit for bit over 400 steps", () => {
  test.each([
    ["onnx", "float64", () => onnxEngine()],
    ["onnx", "float32", () => onnxEngine()],
    ["jax", "float32", () => jaxEngine()],
  ] as const)("on the engine %s in %s", (_, precision, makeEngine) =>
    within(
      async (session) => {
        const STEPS = 400;
        const states = await ahead(session, STEPS);
        let state = states[STEPS] as ReversibleState;
        for (let step = STEPS - 1; step >= 0; step--) {
          state = await reversedStep(state, gradientAt(session, step), rates);
          if (step % 50 === 0) {
            const { params: w, momentum } = states[step] as ReversibleState;
            expect(state.params).toEqual(w);
            expect(state.momentum).toEqual(momentum);
          }
        }
        expect(state).toEqual(states[0]);
      },
      precision,
      makeEngine,
    ),
  );
});

test("it keeps a fraction of a bit where a stored trajectory keeps 128", () =>
  within(async (session) => {
    const STEPS = 400;
    const end = (await ahead(session, STEPS))[STEPS] as ReversibleState;
    const weights = end.params.length;
    const perStep = bitsOf(end.lost) / weights / STEPS;
    expect(perStep).toBeLessThan(0.25);
    expect(bitsOf(end.lost)).toBeLessThan((128 * weights * STEPS) / 500);
  }, "float64"));

test("its hypergradient is that of the stored trajectory, to the precision of the fixed point", () =>
  within(async (session) => {
    const STEPS = 30;
    const window = { from: 0, to: STEPS, inputsAt, validBatch: task.data.valid.fields };
    const end = (await ahead(session, STEPS))[STEPS] as ReversibleState;
    await session.run("place", { params: carryOf(end, params).params });
    const rebuilt = reversedTrajectory(session, window, end, params, () => rates);
    const found = await reverseHypergradient(session, window, rebuilt);
    session.write({ params: inStructure(params, flattened(params)) });
    const stored = await reverseHypergradient(session, window, await storedTrajectory(session, window));
    const largest = Math.max(...Array.from(stored.hypers.data, Math.abs));
    found.hypers.data.forEach((value, i) => {
      expect(Math.abs(value - (stored.hypers.data[i] as number))).toBeLessThan(1e-7 * largest);
    });
  }, "float64"));
