import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { recordRun } from "../artifacts/record.ts";
import { runFolder } from "../artifacts/run-folder.ts";
import { readTrace } from "../artifacts/trace-file.ts";
import type { Engine } from "../engine/engine.ts";
import { jaxEngine } from "../engine/jax.ts";
import { random } from "../search/random.ts";
import { fullBudget } from "../search/schedulers/full-budget.ts";
import { hyperband } from "../search/schedulers/hyperband.ts";
import { populationBased } from "../search/schedulers/population-based.ts";
import type { Scheduler } from "../search/schedulers/scheduler.ts";
import { successiveHalving } from "../search/schedulers/successive-halving.ts";
import { tpe } from "../search/tpe.ts";
import { real } from "../space/real.ts";
import { smallTask } from "../testing/small-task.ts";
import { fixed } from "../tuners/fixed.ts";
import { createRun, type EndReason, type Run, type RunEvent, type RunOptions } from "../tuners/run.ts";
import { bestPoint } from "../tuners/best.ts";
import { loadSnapshot, saveSnapshot, type Snapshot } from "../tuners/snapshot.ts";
import type { RunLength, Tuner } from "../tuners/tuner.ts";
import { workError } from "../util/error.ts";
import { createSearchRun } from "./search-run.ts";
import { searchStudy } from "../testing/study-evaluations.ts";
import { trialRunner } from "./trial.ts";

const task = smallTask({
  hypers: {
    "dropout.fc1": real(0.1, { low: 0, high: 0.9 }),
    l2: real(0.01, { low: 1e-5, high: 1, log: true }),
  },
});
const still = { clock: { now: () => 0 } };
const run = { batchSize: 6, seed: 3 }; // 4 steps an epoch

let engine: Engine;
beforeAll(async () => {
  engine = await jaxEngine("cpu");
});

const searchOf = (
  scheduler: Scheduler,
  options: Partial<RunOptions>,
  { sampler = random(), learningRate = 0.03, environment = still, from }: Parts = {},
): Run =>
  createSearchRun(
    task,
    { sampler, scheduler, tuner: fixed({ learningRate }) },
    engine,
    { ...run, epochs: Infinity, ...options },
    environment,
    from,
  );

interface Parts {
  readonly sampler?: ReturnType<typeof random>;
  readonly learningRate?: number;
  readonly environment?: { readonly clock: { now(): number }; readonly signal?: AbortSignal };
  readonly from?: Snapshot;
}

async function heardOf(search: Run): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of search.events()) events.push(event);
  search.dispose();
  return events;
}

const tracesOf = (events: readonly RunEvent[]): TracePoint[] =>
  events.flatMap((event) => (event.kind === "epoch" ? [event.trace] : []));

const reasonOf = (events: readonly RunEvent[]): EndReason | undefined =>
  events.flatMap((event) => (event.kind === "end" ? [event.reason] : []))[0];

describe("a search as a run", () => {
  test("tells what its trials reach, with one count of steps for all", async () => {
    const heard = await heardOf(searchOf(successiveHalving({ budget: 2, eta: 2 }), { epochs: 5 }));
    const traces = tracesOf(heard);
    const runner = trialRunner({ task, tuner: fixed(), engine, run, environment: still });
    const study = { space: task.problem.space, sampler: random(), runner, seed: 3 };
    const expected: unknown[] = [];
    for await (const { trial, trace, gradientEvaluations } of searchStudy({
      ...study,
      scheduler: successiveHalving({ budget: 2, eta: 2 }),
    })) {
      const { valid, hyperparameters, epoch } = trace;
      expected.push({ valid, hyperparameters, gradientEvaluations, trial: { number: trial, epoch } });
      if (expected.length === 5) break;
    }
    runner.dispose();
    expect(
      traces.map(({ valid, hyperparameters, gradientEvaluations, trial }) => ({
        ...{ valid, hyperparameters, gradientEvaluations, trial },
      })),
    ).toEqual(expected);
    expect(traces.map(({ step, epoch, examples }) => [step, epoch, examples])).toEqual(
      [1, 2, 3, 4, 5].map((epochs) => [4 * epochs, epochs, 24 * epochs]),
    );
    expect(heard.filter(({ kind }) => kind === "step")).toHaveLength(20);
    expect(heard[0]).toMatchObject({ kind: "start", steps: 20, stepsPerEpoch: 4, trace: { step: 0 } });
    const best = traces.toSorted((a, b) => a.valid.loss - b.valid.loss)[0];
    expect(heard.at(-1)).toMatchObject({ kind: "end", reason: "epochs", best, final: traces.at(-1) });
  });

  test("says when a network is the best of all trials, and has its weights at that moment", async () => {
    const search = searchOf(fullBudget(2), { epochs: 6 });
    let least = Infinity;
    const kept: unknown[] = [];
    for await (const event of search.events()) {
      if (event.kind === "start") least = event.trace.valid.loss;
      if (event.kind !== "epoch") continue;
      expect(event.improved).toBe(event.trace.valid.loss < least);
      least = Math.min(least, event.trace.valid.loss);
      kept.push(await search.weights());
    }
    search.dispose();
    expect(kept).toHaveLength(6);
    expect(kept[1]).not.toEqual(kept[2]);
  });

  test.each<[string, () => Scheduler, Parts["sampler"]?]>([
    ["full trainings", () => fullBudget(3), tpe({ startupTrials: 2 })],
    ["hyperband", () => hyperband({ budget: 4, eta: 2 })],
    ["population-based training", () => populationBased({ budget: 6, members: 3, interval: 1 })],
  ])("goes on from any step bit for bit: %s", async (_, scheduler, sampler = random()) => {
    const whole = await heardOf(searchOf(scheduler(), { epochs: 12 }, { sampler }));
    for (const stop of [1, 17, 24, 38]) {
      const first = searchOf(scheduler(), { epochs: 12 }, { sampler });
      const before: RunEvent[] = [];
      let from: Snapshot | undefined;
      for await (const event of first.events()) {
        before.push(event);
        if (event.kind !== "step" || event.step !== stop) continue;
        const { state, progress } = await first.snapshot();
        from = { state, progress: JSON.parse(JSON.stringify(progress)) as Snapshot["progress"] };
        break;
      }
      first.dispose();
      const after = await heardOf(searchOf(scheduler(), { epochs: 12 }, { sampler, ...(from && { from }) }));
      expect([...before, ...after.filter(({ kind }) => kind !== "start")]).toEqual(whole);
    }
  });

  test("ends by the gradients of all its trials together", async () => {
    const heard = await heardOf(searchOf(fullBudget(2), { epochs: 50, gradientLimit: 10 }));
    expect(reasonOf(heard)).toBe("gradients");
    expect(tracesOf(heard).map(({ gradientEvaluations }) => gradientEvaluations)).toEqual([4, 8, 12]);
  });

  test("ends by time, by patience and when it is interrupted", async () => {
    let now = 0;
    const clock = { now: () => now++ };
    const timed = await heardOf(searchOf(fullBudget(2), { timeLimit: 0.05 }, { environment: { clock } }));
    expect(reasonOf(timed)).toBe("time");

    const patient = await heardOf(searchOf(fullBudget(2), { epochs: 500, patience: 2 }));
    expect(reasonOf(patient)).toBe("patience");
    const improved = patient.flatMap((event) => (event.kind === "epoch" ? [event.improved] : []));
    expect(improved.slice(-2)).toEqual([false, false]);
    expect(improved.join().match(/false,false/g)).toHaveLength(1);

    const stop = new AbortController();
    const search = searchOf(fullBudget(2), { epochs: 9 }, { environment: { ...still, signal: stop.signal } });
    const heard: RunEvent[] = [];
    for await (const event of search.events()) {
      heard.push(event);
      if (event.kind === "step" && event.step === 5) stop.abort();
    }
    search.dispose();
    expect(reasonOf(heard)).toBe("interrupted");
    expect(heard.filter(({ kind }) => kind === "step")).toHaveLength(5);
  });

  test("fails in one sentence where nothing but failures come of it", async () => {
    await expect(heardOf(searchOf(fullBudget(1), { epochs: 100 }, { learningRate: 1e30 }))).rejects.toThrow(
      /^a search must have trainings that stay finite, but none did: 20 of 20 failed, the last because /,
    );
  });

  test("fails where the budget let fewer begin, and says how many failed", async () => {
    const search = searchOf(fullBudget(1), { epochs: 0.75 }, { learningRate: 1e30 }); // each fails in its second step, and the last is broken off behind its first
    await expect(heardOf(search)).rejects.toThrow(
      "a search must have trainings that stay finite, but none did: 3 of 3 failed, the last because the validation loss must stay finite",
    );
  });

  /** Searches, where one training learns fast, and fails in the second of its two epochs. */
  const [FAILING, FAST, SLOW] = [1, fixed({ learningRate: 0.3 }), fixed({ learningRate: 0.003 })] as const;
  const failing = (from?: Snapshot, next = 0): Run => {
    let trial = next - 2; // the search itself prepares one
    const tuner: Tuner = {
      name: FAST.name,
      prepare(at, seed, length) {
        const fails = ++trial === FAILING;
        const prepared = (fails ? FAST : SLOW).prepare(at, seed, length);
        return {
          ...prepared,
          advance(host, step, begun) {
            if (fails && step === 6) throw workError("it diverged");
            return prepared.advance(host, step, begun);
          },
        };
      },
    };
    const parts = { sampler: random(), scheduler: fullBudget(2), tuner };
    return createSearchRun(task, parts, engine, { ...run, epochs: 6 }, still, from);
  };

  test.each([
    ["while it trains", "epoch", FAILING],
    ["when it has failed", "failed", FAILING + 1],
  ])(
    "takes no early network of a training that failed later, and goes on bit for bit %s",
    async (_, kind, next) => {
      const whole = await heardOf(failing());
      const traces = tracesOf(whole);
      const early = traces.find(({ trial }) => trial?.number === FAILING);
      const others = traces.filter(({ trial }) => trial?.number !== FAILING);
      expect(early?.trial?.epoch).toBe(1);
      const [best] = others.toSorted((a, b) => a.valid.loss - b.valid.loss);
      expect(best?.valid.loss).toBeGreaterThan(early?.valid.loss ?? NaN);
      expect(whole.at(-1)).toMatchObject({ kind: "end", best });
      const struck = whole.find(({ kind }) => kind === "failed");
      expect(struck).toMatchObject({ trial: FAILING, since: (early?.step ?? NaN) - 4 });

      const stopped = failing();
      const before: RunEvent[] = [];
      let from: Snapshot | undefined;
      for await (const event of stopped.events()) {
        before.push(event);
        const trial = event.kind === "epoch" ? event.trace.trial?.number : FAILING;
        if (event.kind !== kind || trial !== FAILING) continue;
        from = loadSnapshot(saveSnapshot(await stopped.snapshot()));
        break;
      }
      stopped.dispose();
      const again = failing(from, next);
      const after: RunEvent[] = [];
      for await (const event of again.events()) after.push(event);
      expect([...before, ...after.filter(({ kind }) => kind !== "start")]).toEqual(whole);
      const undisturbed = failing();
      for await (const _ of undisturbed.events());
      expect(await again.weights("best")).toEqual(await undisturbed.weights("best"));
      again.dispose();
      undisturbed.dispose();
    },
  );

  test("marks the evaluations of a training that failed in its run folder", async () => {
    const path = mkdtempSync(join(tmpdir(), "hypertrain-search-"));
    const ended = await recordRun(failing(), runFolder(path), still);
    const trace = await readTrace(runFolder(path).metrics);
    rmSync(path, { recursive: true });
    expect(trace.filter(({ trial }) => trial?.number === FAILING && trial.epoch > 0)).toMatchObject([
      { trial: { epoch: 1, failed: true } },
    ]);
    expect(trace.filter(({ trial }) => trial?.failed)).toHaveLength(1);
    expect(bestPoint(trace)).toEqual(ended.best);
    expect(ended.best.trial?.number).not.toBe(FAILING);
  });

  test("fails where all trainings until now failed, and the last is above the untrained network", async () => {
    const endedBy = async (learningRate: number) => {
      const { name, prepare } = fixed({ learningRate });
      const tuner: Tuner = {
        name,
        prepare(at, seed, length) {
          const prepared = prepare(at, seed, length);
          return {
            ...prepared,
            advance: (host, step, begun) =>
              step === 6 ? Promise.reject(workError("it diverged")) : prepared.advance(host, step, begun),
          };
        },
      };
      const parts = { sampler: random(), scheduler: fullBudget(2), tuner };
      const limits = { ...run, epochs: 9, gradientLimit: 8 }; // which the second comes to in its first epoch
      return reasonOf(await heardOf(createSearchRun(task, parts, engine, limits, still)));
    };
    await expect(endedBy(100)).rejects.toThrow(
      "a search must have a training whose validation loss falls below that of the untrained network, but none did, and 1 of 2 failed;",
    );
    expect(await endedBy(0.03)).toBe("gradients");
  });

  test("keeps the best network within its bounds, and fails where no training keeps them", async () => {
    const within = (least: number) => {
      const bounds = [{ name: "loss", most: false, value: least }];
      const goals = { objectives: [{ name: "loss", largest: false }], bounds };
      const parts = { sampler: random(), scheduler: fullBudget(1), tuner: fixed(), goals };
      return createSearchRun(task, parts, engine, { ...run, epochs: 6 }, still);
    };
    const free = await heardOf(searchOf(fullBudget(1), { epochs: 6 }));
    const losses = tracesOf(free).map(({ valid }) => valid.loss);
    const [, second = NaN] = losses.toSorted((a, b) => a - b);
    const search = within(second);
    const bounded: RunEvent[] = [];
    for await (const event of search.events()) bounded.push(event);
    expect(tracesOf(bounded).map(({ valid }) => valid.loss)).toEqual(losses);
    expect(tracesOf(bounded).filter(({ unfit }) => unfit)).toHaveLength(1);
    expect(bounded.at(-1)).toMatchObject({ kind: "end", best: { valid: { loss: second } } });
    search.dispose();
    await expect(heardOf(within(100))).rejects.toThrow(
      /^a search within bounds must find a training that keeps them, but none did; widen the bounds/,
    );
  });

  test("tells the tuner how long a training is, of which its warm-up may be a share", async () => {
    const lengths: RunLength[] = [];
    const { name, prepare } = fixed();
    const tuner: Tuner = {
      name,
      prepare(at, seed, length) {
        lengths.push(length);
        return prepare(at, seed, length);
      },
    };
    const parts = { sampler: random(), scheduler: fullBudget(3), tuner };
    await heardOf(createSearchRun(task, parts, engine, { ...run, epochs: 3 }, still));
    expect(lengths.length).toBeGreaterThan(1);
    for (const length of lengths) expect(length).toEqual({ epochs: 3, stepsPerEpoch: 4 });
  });

  test.each<[string, Partial<RunOptions>, RegExp]>([
    ["no end", {}, /^a run must end, but neither/],
    [
      "no rows in a minibatch",
      { epochs: 3, batchSize: 0 },
      /^`batchSize` of createSearchRun must be a whole number, at least 1, but got 0/,
    ],
  ])("refuses %s before its first training", (_, options, message) => {
    expect(() => searchOf(fullBudget(1), options)).toThrow(message);
  });

  test("refuses the snapshot of a single run", async () => {
    const single = createRun(task, fixed(), engine, { ...run, epochs: 1 }, still);
    for await (const event of single.events()) if (event.kind === "step") break;
    const from = await single.snapshot();
    single.dispose();
    expect(() => searchOf(fullBudget(1), { epochs: 3 }, { from })).toThrow(
      "a search must go on from the snapshot of a search of this version, but got another; create the run as it was",
    );
  });

  test("keeps no weights of trainings that are never gone on with", async () => {
    const search = searchOf(fullBudget(1), { epochs: 3 });
    let state: Snapshot["state"] = {};
    for await (const event of search.events())
      if (event.kind === "end") ({ state } = await search.snapshot());
    search.dispose();
    expect(Object.keys(state)).toEqual(["trial 2"]);
  });
});
