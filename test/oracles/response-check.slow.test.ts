import { beforeAll, describe, expect, test } from "vitest";

import type { ResponseCheck, TracePoint } from "../../src/api/trace.ts";
import type { ArrayTree, ProgramState } from "../../src/engine/engine.ts";
import { mapArrays } from "../../src/engine/transform.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { mlp } from "../../src/nn/mlp.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import { sgd } from "../../src/nn/optim/sgd.ts";
import type { Task } from "../../src/problem/problem.ts";
import { quadratic } from "../../src/problem/quadratic.ts";
import { ridge } from "../../src/problem/ridge.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { trustOf } from "../../src/report/trust.ts";
import { dense } from "../../src/response/dense.ts";
import { real } from "../../src/space/real.ts";
import { dot, solve } from "../../src/testing/linear-algebra.ts";
import { bestResponse, responseDerivative } from "../../src/testing/ridge-oracle.ts";
import { weakSignal } from "../../src/testing/weak-signal.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import type { TunedState } from "../../src/tuners/evaluate.ts";
import { responseChecker } from "../../src/tuners/response-check.ts";
import { createRun } from "../../src/tuners/run.ts";
import { endlessRun, type Tuner } from "../../src/tuners/tuner.ts";
import { flattened, hostVector, HostArray, inStructure, type HostTree } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { inSession, linearData, ready } from "./settle.ts";

beforeAll(ready);

describe("on a quadratic problem, wherever its weights are", () => {
  const curvature = [
    [2, 0.3, 0],
    [0.3, 1, -0.2],
    [0, -0.2, 1.5],
  ];
  const coupling = [
    [1, 0.5, -0.4],
    [-0.2, 0.8, 0.6],
  ];
  const linear = [0.3, -0.7, 0.2];
  const target = [0.5, -1, 0.1];
  const [rate, scale, steps] = [0.1, 0.01, 10];
  const weights = [1, -2, 0.5];
  const lambda = [0.4, 0.4];

  /** Each row k is -A^-1 B_k, the exact dw/dλ_k. */
  const exact = coupling.map((row) =>
    solve(
      curvature,
      row.map((b) => -b),
    ),
  );
  const multiple = (theta: readonly number[][], factor: number) =>
    theta.map((row) => row.map((x) => factor * x));

  async function checkOf(theta: readonly number[][], wide = scale): Promise<ResponseCheck> {
    const task = quadratic({
      curvature,
      coupling,
      linear,
      target,
      start: 0.4,
      perturbation: { scale: wide },
    });
    const tuner = centeredStn({ response: dense, optimizer: sgd({ momentum: 0 }), learningRate: rate });
    return inSession(task, tuner, {}, async ({ prepared, session, host }) => {
      session.write({
        params: { w: hostVector(weights) },
        response: { w: new HostArray(Float64Array.from(theta.flat()), [2, 3]) },
      });
      const checker = responseChecker(task, prepared, await onnxEngine(), "float64");
      const check = await checker?.check(session, host, 0);
      checker?.dispose();
      return check as ResponseCheck;
    });
  }

  /** Ten steps of gradient descent, by hand. */
  const trained = (start: readonly number[], at: readonly number[], pull = linear): number[] => {
    let w = [...start];
    for (let step = 0; step < steps; step++) {
      const slope = w.map(
        (_, j) =>
          dot(curvature[j] as number[], w) +
          at.reduce((sum, l, k) => sum + l * (coupling[k]?.[j] as number), 0),
      );
      w = w.map((x, j) => x - rate * ((slope[j] as number) + (pull[j] as number)));
    }
    return w;
  };
  const loss = (w: readonly number[]) =>
    w.reduce((sum, x, j) => sum + (x - (target[j] as number)) ** 2, 0) / 2;

  test("the exact response predicts what ten steps do, by hand as by the check", async () => {
    const end = trained(weights, lambda);
    const slope = end.map((x, j) => x - (target[j] as number));
    const g = exact.map((row) => {
      const left = trained(row, [0, 0], [0, 0, 0]); // A^10 Θ
      return dot(
        row.map((x, j) => x - (left[j] as number)),
        slope,
      );
    });
    const there = lambda.map((l, k) => l - (scale * (g[k] as number)) / Math.hypot(...g));
    const seen = loss(trained(weights, there)) - loss(end);
    const check = await checkOf(exact);
    expect(check.seen).toBeCloseTo(seen, 12);
    expect(check.predicted).toBeCloseTo(seen, 12);
    expect(check.cosine).toBeCloseTo(1, 12);
  });

  test("half of it predicts half, its negative the opposite, and another direction shows in the cosine", async () => {
    const [whole, half, negative] = await Promise.all([1, 0.5, -1].map((f) => checkOf(multiple(exact, f))));
    expect((half?.predicted as number) / (whole?.predicted as number)).toBeCloseTo(0.5, 2);
    expect(half?.seen).toBeCloseTo(whole?.seen as number, 12);
    expect([negative?.cosine, Math.sign(negative?.seen as number)]).toEqual([expect.closeTo(-1, 12), 1]);
    const crossed = await checkOf([exact[1] as number[], exact[0] as number[]]);
    expect(crossed.cosine).toBeLessThan(0.9);
  });

  test("none predicts nothing, where training's own hypergradient says that the loss falls", async () => {
    const check = await checkOf(multiple(exact, 0));
    expect(check.predicted).toBe(0);
    expect(check.seen).toBeCloseTo((await checkOf(exact)).seen, 12);
    expect(check).not.toHaveProperty("cosine");
    expect(verdictOf(check)).toBe("wrong");
  });

  test("a perturbation that reaches beyond the optimum is cut where the response predicts the lowest loss", async () => {
    const check = await checkOf(exact, 40);
    expect(check.seen).toBeCloseTo(check.predicted, 10);
    expect(check.seen).toBeLessThan(0);
    expect(check.opposite).toBeGreaterThan(0);
    expect(verdictOf(check)).toBe("right");
  });
});

describe("on ridge, where the weights bend with a penalty on a log scale and the response is a straight line", () => {
  const train = linearData(1, 12, 3, [1, -2, 0.5], 3);
  const valid = linearData(2, 40, 3, [1, -2, 0.5], 1);

  /** The check of a multiple of the exact response, at the exact weights of λ. */
  async function checkOf(lambda: number, scale: number, factor: number): Promise<ResponseCheck> {
    const task = ridge({ train, valid, start: lambda, perturbation: { scale, tuneScale: false } });
    const tuner = centeredStn({ response: dense, optimizer: sgd({ momentum: 0 }), learningRate: 0.02 });
    const theta = responseDerivative(train, lambda).map((x) => factor * x);
    return inSession(task, tuner, {}, async ({ prepared, session, host }) => {
      const { params, response } = await session.read(["params", "response"]);
      const filled = (tree: HostTree | undefined, weights: readonly number[]) => {
        const flat = [...weights, ...flattened(tree as HostTree).subarray(weights.length)]; // the bias stays 0
        return inStructure(tree as HostTree, Float64Array.from(flat));
      };
      session.write({
        params: filled(params, bestResponse(train, lambda)),
        response: filled(response, theta),
      });
      const checker = responseChecker(task, prepared, await onnxEngine(), "float64");
      const check = await checker?.check(session, host, 0);
      checker?.dispose();
      return check as ResponseCheck;
    });
  }

  test.each([
    [0.3, 1, "right"],
    [6, 1, "too far"],
    [0.3, -1, "wrong"],
    [6, -1, "wrong"],
    [0.3, 0.2, "partly right"],
    [0.3, 5, "partly right"],
  ])("a perturbation of %d and %d times the exact response: %s", async (scale, factor, verdict) => {
    const check = await checkOf(-2, scale, factor);
    expect(verdictOf(check), JSON.stringify(check)).toBe(verdict);
  });
});

/** What is said of one check, in a run that began at a loss of 1. */
const verdictOf = (check: ResponseCheck): string =>
  trustOf([{ check, valid: { loss: 1 } }] as unknown as TracePoint[]).verdict; // of which nothing else is read

const options = {
  response: dense,
  perturbations: "paired",
  responseOptimizer: adam(),
  responseLearningRate: 0.003,
  trainSteps: 2,
  warmupEpochs: 600, // of one step each
} as const;

describe("on a weight decay of 60 noisy rows, whose closed form says which way is down", () => {
  const right = deltaStn(options);
  const frozen = deltaStn({ ...options, responseLearningRate: 0 });
  const told = async (tuner: Tuner, start?: number) => trustOf((await runOf(tuner, start)).trace);

  test("the response that is right is called right", async () => {
    const trust = await told(right);
    expect(trust.sentence).toMatch(/^The response is right here: /);
    expect([trust.checks, trust.cosine]).toEqual([1, 1]);
  });

  test("so is the exact derivative, though the loss falls by more than it says", async () => {
    const trust = await told(deltaStn({ ...options, responseObjective: "implicit" }));
    expect(trust.sentence).toMatch(/^The response is right here: /);
    expect((trust.seen as number) / (trust.predicted as number)).toBeGreaterThan(2);
  });

  test("the response whose sign is turned is called wrong", async () => {
    const trust = await told(askedFor(right, (response) => times(response, -1)));
    expect(trust.sentence).toMatch(/^The response is wrong here: .* but they raised it by /);
    expect(trust.cosine).toBe(-1);
  });

  test("one ten times too large is right in part", async () => {
    const trust = await told(askedFor(right, (response) => times(response, 10)));
    expect(trust.sentence).toMatch(
      /^The response is only partly right here, since less than half of it came: /,
    );
  });

  test("one that never learns is called wrong, and predicts nothing", async () => {
    const trust = await told(frozen);
    expect(trust.sentence).toMatch(/^The response is wrong here: .* change nothing, but they lowered it by /);
  });

  test.each([1, 2, 3])("one that stays at random numbers is never called right (%d)", async (seed) => {
    const at = (tree: HostTree) =>
      inStructure(
        tree,
        randomNormal(randomKey(seed, "response"), 0, flattened(tree).length).map((x) => 0.3 * x),
      );
    const trust = await told(startedAt(frozen, at));
    expect(["partly right", "wrong", "unclear"]).toContain(trust.verdict);
    if ((trust.cosine as number) < 0) expect(trust.verdict).not.toBe("partly right");
  });

  test("one kept from a training at far smaller decays is right in part", async () => {
    const { response } = await runOf(right, 0.001);
    const trust = await told(
      startedAt(frozen, () => response),
      0.05,
    );
    expect(trust.sentence).toMatch(
      /^The response is only partly right here, since more than twice as much came: /,
    );
  });
});

describe("on two layers with a weight decay each", () => {
  const task = (): Task => {
    const splits = weakSignal({ seed: 2 }).task.data;
    return supervised({
      data: { name: "two layers", splits, task: "regression", inputShape: [8], outputs: 1, warnings: [] },
      network: mlp({ inputs: 8, hidden: [4], outputs: 1 }),
      hypers: { "l2.fc1": real(0.03, { log: true }), "l2.fc2": real(0.03, { log: true }) },
    });
  };

  test("a right response whose prediction rises at a whole perturbation is held to less of it", async () => {
    const trust = trustOf((await runOf(deltaStn(options), task())).trace);
    expect(["right", "partly right"]).toContain(trust.verdict);
    expect(trust.seen).toBeLessThan(0);
  });

  test("a response turned in one layer is never called right", async () => {
    const turned = askedFor(deltaStn(options), (response) => ({
      ...(response as Record<string, ArrayTree>),
      fc1: times((response as Record<string, ArrayTree>).fc1 as ArrayTree, -1), // dense has a part for each layer
    }));
    const trust = trustOf((await runOf(turned, task())).trace);
    expect(["partly right", "wrong"]).toContain(trust.verdict);
  });
});

const times = (response: ArrayTree, factor: number): ArrayTree =>
  mapArrays((array) => array.mul(factor), response);

/** A tuner that learns its response as ever, and is asked for a change of it. */
const askedFor = (tuner: Tuner, change: (response: ArrayTree) => ArrayTree): Tuner => ({
  name: "asked for another",
  prepare(task, seed) {
    const prepared = tuner.prepare(task, seed, endlessRun);
    const asked = Object.entries(prepared.programs).map(([name, program]) => [
      name,
      name === "train"
        ? program
        : (state: TunedState, inputs: ProgramState) =>
            program({ ...state, response: change(state.response as ArrayTree) }, inputs as never),
    ]);
    return { ...prepared, programs: Object.fromEntries(asked) as typeof prepared.programs };
  },
});

/** A tuner whose response starts elsewhere. */
const startedAt = (tuner: Tuner, response: (tree: HostTree) => HostTree): Tuner => ({
  name: "started elsewhere",
  prepare(task, seed) {
    const prepared = tuner.prepare(task, seed, endlessRun);
    const { state } = prepared;
    return { ...prepared, state: { ...state, response: response(state.response as HostTree) } };
  },
});

/** The trace and the last response of 700 steps, of which the last 100 tune. */
async function runOf(
  tuner: Tuner,
  on: Task | number = 0.01,
): Promise<{ trace: readonly TracePoint[]; response: HostTree }> {
  const task = typeof on === "number" ? weakSignal({ seed: 1, start: on }).task : on;
  const options = { epochs: 700, batchSize: 60, validBatchSize: 200, evaluateEvery: 100, checkShare: 0.1 };
  const run = createRun(task, tuner, await onnxEngine({ threads: 1 }), options, { clock: performance });
  const trace: TracePoint[] = [];
  for await (const event of run.events()) if (event.kind === "epoch") trace.push(event.trace);
  const { state } = await run.snapshot();
  run.dispose();
  return { trace, response: state.response as HostTree };
}
