import { beforeAll, describe, expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import type { Engine } from "../engine/engine.ts";
import { jaxEngine } from "../engine/jax.ts";
import type { Goals } from "../search/goals.ts";
import { random } from "../search/random.ts";
import type { SuggestRequest, Sampler } from "../search/sampler.ts";
import { fullBudget } from "../search/schedulers/full-budget.ts";
import { successiveHalving } from "../search/schedulers/successive-halving.ts";
import { tpe } from "../search/tpe.ts";
import { smallTask } from "../testing/small-task.ts";
import { startingAt } from "../testing/starting-at.ts";
import { fixed } from "../tuners/fixed.ts";
import { createRun } from "../tuners/run.ts";
import { searchStudy, type StudyEvent } from "../testing/study-evaluations.ts";
import { trainTrial } from "../testing/train-trial.ts";
import { openStudy } from "./search-study.ts";
import { trialRunner, type TrialRunner } from "./trial.ts";

const task = smallTask();
const still = { clock: { now: () => 0 } };
const values = { "dropout.input": 0.3, "dropout.fc1": 0.4, l2: 0.002 };

let engine: Engine;
let opened = 0;
beforeAll(async () => {
  const jax = await jaxEngine("cpu");
  engine = { name: jax.name, open: (...given) => (opened++, jax.open(...given)) };
});

const runnerOf = (learningRate = 0.03): TrialRunner =>
  trialRunner({
    task,
    tuner: fixed({ learningRate }),
    engine,
    run: { batchSize: 6, seed: 3 },
    environment: still,
  });

describe("a trial", () => {
  test("is plain training from the given hyperparameters", async () => {
    const runner = runnerOf();
    const { trace } = await trainTrial(runner, { values }, 3);
    runner.dispose();
    const run = createRun(
      startingAt(task, values),
      fixed(),
      engine,
      { batchSize: 6, seed: 3, epochs: 3 },
      still,
    );
    const expected: TracePoint[] = [];
    for await (const event of run.events()) if (event.kind === "epoch") expected.push(event.trace);
    run.dispose();
    expect(trace).toEqual(expected);
    expect(trace[0]?.hyperparameters["dropout.input"]?.value).toBeCloseTo(0.3, 6);
  });

  test("that pauses, while others train, goes on as if it had not", async () => {
    const runner = runnerOf();
    const whole = await trainTrial(runner, { values }, 4);
    const part = await trainTrial(runner, { values }, 2);
    await trainTrial(runner, { values: { ...values, l2: 0.5 } }, 2);
    const rest = await trainTrial(runner, part.checkpoint, 4);
    runner.dispose();
    expect([...part.trace, ...rest.trace]).toEqual(whole.trace);
    expect(rest.checkpoint.snapshot?.state).toEqual(whole.checkpoint.snapshot?.state);
  });

  test("compiles nothing that another one has compiled", async () => {
    const runner = runnerOf();
    const before = opened;
    for (const l2 of [0.001, 0.01, 0.1]) await trainTrial(runner, { values: { ...values, l2 } }, 1);
    runner.dispose();
    expect(opened - before).toBe(1);
  });
});

describe("a study", () => {
  const sampler: Sampler = {
    name: "counting",
    suggest: ({ number, trials }) => {
      seen.push(trials.map((trial) => (trial.state === "finished" ? trial.value : trial.state)));
      return { ...values, l2: 0.5 / (number + 2) };
    },
  };
  let seen: unknown[][] = [];

  const events = async (scheduler: ReturnType<typeof fullBudget>, count: number, runner = runnerOf()) => {
    seen = [];
    const heard: StudyEvent[] = [];
    for await (const event of searchStudy({
      space: task.problem.space,
      sampler,
      scheduler,
      runner,
      seed: 0,
      trials: 4,
    })) {
      heard.push(event);
      if (heard.length === count) break;
    }
    runner.dispose();
    return heard;
  };

  test("trains one trial after the other, and tells the sampler of each one's lowest loss", async () => {
    const heard = await events(fullBudget(2), 5);
    expect(heard.map(({ trial, trace }) => [trial, trace.epoch])).toEqual([
      [0, 1],
      [0, 2],
      [1, 1],
      [1, 2],
      [2, 1],
    ]);
    expect(heard.map(({ gradientEvaluations }) => gradientEvaluations)).toEqual([4, 8, 12, 16, 20]);
    const lowest = (trial: number) =>
      Math.min(...heard.filter((event) => event.trial === trial).map(({ trace }) => trace.valid.loss));
    expect(seen).toEqual([[], [lowest(0)], [lowest(0), lowest(1)]]);
  });

  test("goes on with those that a scheduler keeps, and counts no gradient twice", async () => {
    const heard = await events(successiveHalving({ budget: 2, eta: 2 }), 3);
    expect(heard.map(({ trial, trace }) => [trial, trace.epoch]).slice(0, 2)).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(heard[2]?.trace.epoch).toBe(2);
    const better = (heard[0]?.trace.valid.loss as number) <= (heard[1]?.trace.valid.loss as number) ? 0 : 1;
    expect(heard[2]?.trial).toBe(better);
    expect(heard[2]?.gradientEvaluations).toBe(12);
  });

  test("counts a trial that diverges as failed and goes on", async () => {
    expect(await events(fullBudget(2), 1, runnerOf(1e30))).toEqual([]);
    expect(seen.at(-1)).toEqual(["failed", "failed", "failed"]);
  });
});

test("a sampler hears all that a study with goals measures of a trial, at its lowest loss", async () => {
  const heard: SuggestRequest[] = [];
  const inner = random();
  const sampler: Sampler = {
    name: "spy",
    severalObjectives: true,
    suggest(request) {
      heard.push(request);
      return inner.suggest(request);
    },
  };
  const goals: Goals = {
    objectives: [
      { name: "loss", largest: false },
      { name: "latency", largest: true },
    ],
    bounds: [{ name: "parameters", most: true, value: 5 }],
  };
  const runner = runnerOf();
  const facts = { parameters: 7, latency: 0.5 };
  const networkAt = () => Promise.resolve(facts);
  const { space } = task.problem;
  const losses: number[] = [];
  for await (const { trial, trace } of searchStudy({
    ...{ space, sampler, scheduler: fullBudget(2), runner, seed: 3, goals, networkAt },
  })) {
    if (trial === 2) break;
    if (trial === 0) losses.push(trace.valid.loss);
  }
  runner.dispose();
  const { trials = [], goals: told } = heard.at(-1) ?? {};
  expect(told).toEqual(goals);
  expect(losses).toHaveLength(2);
  expect(trials[0]).toMatchObject({
    ...{ state: "finished", value: Math.min(...losses) },
    measures: { ...facts, loss: Math.min(...losses), epochs: 2 },
  });
});

test("goals must be about what is measured, and be followed by the sampler", async () => {
  const runner = runnerOf();
  const goalsOf = (...names: string[]): Goals => ({
    objectives: names.map((name) => ({ name, largest: false })),
    bounds: [],
  });
  const study = { space: task.problem.space, sampler: random(), scheduler: fullBudget(1), runner, seed: 3 };
  expect(() => openStudy({ ...study, sampler: tpe(), goals: goalsOf("loss", "seconds") })).toThrow(
    "tpe follows one and got 2; take nsga2()",
  );
  await expect(searchStudy({ ...study, goals: goalsOf("seconds", "lss") }).next()).rejects.toThrow(
    'goals must be about what is measured of every trial, balanced accuracy, F1, accuracy, loss, seconds, gradients, epochs, but got "lss"; did you mean "loss"?',
  );
  runner.dispose();
});

test("a study goes on from a snapshot of its own space alone, and from a whole seed", () => {
  const runner = runnerOf();
  const { space } = task.problem;
  const study = { space, sampler: random(), scheduler: fullBudget(1), runner, seed: 3 };
  const trial = {
    number: 0,
    values: { width: 3 },
    state: "paused",
    attempt: 0,
    deaths: 0,
    to: 1,
    curve: [],
  } as const;
  const from = {
    trials: [{ ...trial, suggested: { asked: 0, values: trial.values } }],
    snapshots: new Map(),
    spent: { steps: 0, gradientEvaluations: 0 },
  };
  expect(() => openStudy(study, from)).toThrow(
    'values must be of the hyperparameters dropout.input, dropout.fc1, l2, but got "width"',
  );
  expect(() => openStudy({ ...study, seed: 0.5 })).toThrow(
    "`seed` of openStudy must be an integer of at most 53 bits, but got 0.5",
  );
  runner.dispose();
});
