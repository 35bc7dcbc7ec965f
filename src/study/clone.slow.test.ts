import { beforeAll, describe, expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import type { Engine } from "../engine/engine.ts";
import { jaxEngine } from "../engine/jax.ts";
import { onnxEngine } from "../engine/onnx/engine.ts";
import { adam } from "../nn/optim/adam.ts";
import { random } from "../search/random.ts";
import type { Sampler, Trial } from "../search/sampler.ts";
import { populationBased } from "../search/schedulers/population-based.ts";
import type { Decision, ScheduledTrial, Scheduler } from "../search/schedulers/scheduler.ts";
import { real } from "../space/real.ts";
import { unconstrainedStart } from "../space/space.ts";
import { smallTask } from "../testing/small-task.ts";
import { startingAt } from "../testing/starting-at.ts";
import { fixed } from "../tuners/fixed.ts";
import { createRun } from "../tuners/run.ts";
import type { Snapshot } from "../tuners/snapshot.ts";
import { workError } from "../util/error.ts";
import { hostVector } from "../util/host-array.ts";
import { searchStudy, type StudyEvent } from "../testing/study-evaluations.ts";
import { trainTrial } from "../testing/train-trial.ts";
import { trialRunner, type TrialRunner } from "./trial.ts";

const task = smallTask();
const still = { clock: { now: () => 0 } };
const run = { batchSize: 6, seed: 3 }; // 4 steps an epoch
const tuner = () => fixed({ optimizer: adam(), learningRate: 0.01 });
const values = { "dropout.input": 0.3, "dropout.fc1": 0.4, l2: 0.002 };
const others = { "dropout.input": 0.1, "dropout.fc1": 0.7, l2: 0.05 };

let engines: Record<"jax" | "onnx", Engine>;
beforeAll(async () => {
  engines = { jax: await jaxEngine("cpu"), onnx: await onnxEngine() };
});

const runnerOf = (engine: "jax" | "onnx" = "jax"): TrialRunner =>
  trialRunner({ task, tuner: tuner(), engine: engines[engine], run, environment: still });

describe.each(["jax", "onnx"] as const)("a copy of a trial, by %s", (engine) => {
  test("at the same values is trained as the trial itself, bit for bit, and leaves it as it was", async () => {
    const runner = runnerOf(engine);
    const whole = await trainTrial(runner, { values }, 4);
    const source = (await trainTrial(runner, { values }, 2)).checkpoint;
    const other = (await trainTrial(runner, { values: others }, 1)).checkpoint;
    const copy = await trainTrial(runner, source, 4);
    await trainTrial(runner, { ...source, values: others }, 3);
    await trainTrial(runner, other, 3);
    const rest = await trainTrial(runner, source, 4);
    runner.dispose();
    expect(copy.trace).toEqual(whole.trace.slice(2));
    expect(copy.checkpoint.snapshot?.state).toEqual(whole.checkpoint.snapshot?.state);
    const end = whole.checkpoint.snapshot as Snapshot;
    const inPieces = { ...end, progress: { ...end.progress, planned: 2 } }; // as long as the first piece was to be
    expect(rest.checkpoint.snapshot).toEqual(inPieces);
  });

  test("at other values goes on from the same weights and optimizer, with those values in the loss", async () => {
    const runner = runnerOf(engine);
    const source = (await trainTrial(runner, { values }, 2)).checkpoint;
    const copy = await trainTrial(runner, { ...source, values: others }, 4);
    runner.dispose();

    // The same by hand: the run of the source goes on with one part of its state replaced.
    const there = startingAt(task, others);
    const snapshot = source.snapshot as Snapshot;
    const hypers = hostVector(unconstrainedStart(there.problem.space));
    const replaced = { ...snapshot, state: { ...snapshot.state, hypers } };
    const byHand = createRun(there, tuner(), engines[engine], { ...run, epochs: 4 }, still, replaced);
    const expected: TracePoint[] = [];
    for await (const event of byHand.events()) if (event.kind === "epoch") expected.push(event.trace);
    const end = await byHand.snapshot();
    byHand.dispose();

    expect(copy.trace).toEqual(expected);
    expect(copy.checkpoint).toEqual({ values: others, snapshot: end });
    expect(copy.trace[0]?.hyperparameters.l2?.value).toBeCloseTo(0.05, 6);
    expect(copy.trace[0]?.step).toBe(12);
  });
});

test("each element of a hyperparameter with a shape has a value of its own, in a copy too", async () => {
  const weights = 3 * 4 + 4 + 4 * 3 + 3; // with the biases
  const each = smallTask({
    hypers: { "l2.each": real(0.01, { low: 1e-5, high: 1, log: true, shape: [weights] }) },
  });
  const runner = trialRunner({ task: each, tuner: tuner(), engine: engines.jax, run, environment: still });
  const rising = (from: number) => Array.from({ length: weights }, (_, k) => from * (k + 1));
  const first = await trainTrial(runner, { values: { "l2.each": rising(0.001) } }, 1);
  const copy = await trainTrial(runner, { ...first.checkpoint, values: { "l2.each": rising(0.002) } }, 2);
  runner.dispose();
  const shown = ({ trace }: typeof copy) => trace[0]?.hyperparameters["l2.each"]?.value;
  expect(shown(first)).toEqual(rising(0.001).map((value) => expect.closeTo(value, 6) as number));
  expect(shown(copy)).toEqual(rising(0.002).map((value) => expect.closeTo(value, 6) as number));
});

/** A scheduler that decides what it is told, then nothing any more, and remembers the trials that it saw. */
function scripted(decisions: readonly Decision[]) {
  const seen: (readonly ScheduledTrial[])[] = [];
  const scheduler: Scheduler = {
    name: "scripted",
    decide(trials) {
      seen.push(JSON.parse(JSON.stringify(trials)) as ScheduledTrial[]);
      return decisions[seen.length - 1] ?? { kind: "wait" };
    },
  };
  return { scheduler, seen };
}

/** What each suggestion was told of the trials before it. */
function recording(): { sampler: Sampler; told: (readonly Trial[])[] } {
  const told: (readonly Trial[])[] = [];
  const suggestions = [values, others];
  return {
    told,
    sampler: {
      name: "recording",
      suggest({ trials, number }) {
        told.push([...trials]);
        return suggestions[number % 2] ?? values;
      },
    },
  };
}

describe("a study whose scheduler copies", () => {
  const events = async (
    { scheduler }: { scheduler: Scheduler },
    { sampler = recording().sampler, runner = runnerOf(), count = Infinity } = {},
  ): Promise<StudyEvent[]> => {
    const heard: StudyEvent[] = [];
    const study = { space: task.problem.space, sampler, scheduler, runner, seed: 0 };
    for await (const event of searchStudy(study)) {
      heard.push(event);
      if (heard.length === count) break;
    }
    runner.dispose();
    return heard;
  };

  test("trains the copy on from where its source stands, and counts no gradient twice", async () => {
    const { sampler, told } = recording();
    const script = scripted([
      { kind: "start", to: 2 },
      { kind: "start", to: 2 },
      { kind: "clone", trial: 1, from: 0, values, to: 4 },
      { kind: "continue", trial: 0, to: 4 },
      { kind: "start", to: 1 },
    ]);
    const heard = await events(script, { sampler });
    expect(heard.map(({ trial, trace }) => [trial, trace.epoch])).toEqual([
      ...[[0, 1], [0, 2], [1, 1], [1, 2], [1, 3], [1, 4], [0, 3], [0, 4], [2, 1]], // prettier-ignore
    ]);
    expect(heard.map(({ gradientEvaluations }) => gradientEvaluations)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((epochs) => 4 * epochs),
    );
    expect(heard[4]?.values).toEqual(values);
    expect([heard[4]?.trace, heard[5]?.trace]).toEqual([heard[6]?.trace, heard[7]?.trace]); // the same values

    const losses = heard.map(({ trace }) => trace.valid.loss);
    expect(script.seen[3]?.[1]).toMatchObject({
      ...{ number: 1, state: "paused", values, copies: [{ budget: 2, from: 0 }] },
      curve: [2, 3, 4, 5].map((i, k) => ({ budget: k + 1, loss: losses[i] })), // what was measured of this trial
    });
    // What the copy reached was not reached by the values that the sampler had suggested.
    expect(told.at(-1)?.map((trial) => ("value" in trial ? trial.value : trial.state))).toEqual([
      Math.min(...[0, 1].map((i) => losses[i] as number)),
      Math.min(...[2, 3].map((i) => losses[i] as number)),
    ]);
  });

  test("begins the copy anew where its source was never trained", async () => {
    const sound = runnerOf();
    const runner: TrialRunner = {
      ...sound,
      open(from, epochs) {
        if (from.values.l2 === others.l2) throw workError("the loss must stay finite");
        return sound.open(from, epochs);
      },
    };
    const script = scripted([
      { kind: "start", to: 1 },
      { kind: "start", to: 1 },
      { kind: "clone", trial: 0, from: 1, values, to: 1 },
    ]);
    const heard = await events(script, { runner });
    expect(heard.map(({ trial, trace }) => [trial, trace.epoch])).toEqual([[0, 1], [0, 1]]); // prettier-ignore
    expect(heard[1]?.trace).toEqual(heard[0]?.trace);
  });

  test("keeps a curve in the order of budgets where the source stands further back", async () => {
    const script = scripted([
      { kind: "start", to: 1 },
      { kind: "start", to: 3 },
      { kind: "clone", trial: 1, from: 0, values, to: 2 },
      { kind: "continue", trial: 0, to: 2 },
    ]);
    const heard = await events(script);
    const [, first, , , copied] = heard.map(({ trace }) => ({ budget: trace.epoch, loss: trace.valid.loss }));
    expect(script.seen[3]?.[1]?.curve).toEqual([first, copied]);
  });

  test("lets a scheduler start at values of its own, of which the sampler does not hear", async () => {
    const { sampler, told } = recording();
    const script = scripted([
      { kind: "start", to: 1, values: others },
      { kind: "start", to: 1 },
      { kind: "start", to: 1, values: others },
      { kind: "start", to: 1 },
    ]);
    const heard = await events(script, { sampler });
    expect(heard.map((event) => event.values)).toEqual([others, values, others, others]);
    expect(told.map((trials) => trials.map(({ number }) => number))).toEqual([[], [0]]);
    expect(told[1]?.[0]).toMatchObject({ state: "finished", values, value: heard[1]?.trace.valid.loss });
  });

  test("revives a trial that failed as a copy of another", async () => {
    const { sampler, told } = recording();
    const sound = runnerOf();
    const runner: TrialRunner = {
      ...sound,
      open(from, epochs) {
        if (from.values.l2 === others.l2 && !from.snapshot) throw workError("the loss must stay finite");
        return sound.open(from, epochs);
      },
    };
    const script = scripted([
      { kind: "start", to: 1 },
      { kind: "start", to: 1 },
      { kind: "clone", trial: 1, from: 0, values: others, to: 2 },
      { kind: "start", to: 1 },
    ]);
    const heard = await events(script, { sampler, runner });
    expect(heard.map(({ trial, trace }) => [trial, trace.epoch])).toEqual([[0, 1], [1, 2], [2, 1]]); // prettier-ignore
    expect(script.seen[2]?.[1]).toMatchObject({ state: "failed", curve: [] });
    expect(script.seen[3]?.[1]).toMatchObject({
      state: "paused",
      values: others,
      copies: [{ budget: 1, from: 0 }],
    });
    expect(told.at(-1)?.map(({ state }) => state)).toEqual(["finished", "failed"]);
  });

  test("population-based training replaces members that diverge, and ends with networks at values of its own", async () => {
    const sound = runnerOf();
    const broken = 3;
    let begun = 0;
    const runner: TrialRunner = {
      ...sound,
      open(from, epochs) {
        if (!from.snapshot && begun++ === broken) throw workError("the loss must stay finite");
        return sound.open(from, epochs);
      },
    };
    const scheduler = populationBased({ budget: 8, members: 4, interval: 2 });
    const heard = await events({ scheduler }, { sampler: random(), runner, count: 3 * 2 + 4 * 6 });
    const own = heard.filter(({ trial }) => trial === broken);
    expect(own.map(({ trace }) => trace.epoch)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(new Set(heard.map(({ trial }) => trial))).toEqual(new Set([0, 1, 2, 3]));
    expect(heard.at(-1)?.gradientEvaluations).toBe(4 * (3 * 2 + 4 * 6));
    const suggested = [0, 1, 2, 3].map((number) =>
      random().suggest({ space: task.problem.space, trials: [], seed: 0, number }),
    );
    expect(suggested).toContainEqual(heard[0]?.values);
    expect(suggested).not.toContainEqual(own[0]?.values);
  });
});
