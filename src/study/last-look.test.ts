import { beforeAll, expect, test } from "vitest";

import type { Engine } from "../engine/engine.ts";
import { jaxEngine } from "../engine/jax.ts";
import { random } from "../search/random.ts";
import type { Goals } from "../search/goals.ts";
import { fullBudget } from "../search/schedulers/full-budget.ts";
import { smallTask } from "../testing/small-task.ts";
import { startingAt } from "../testing/starting-at.ts";
import { fixed } from "../tuners/fixed.ts";
import { createRun, type Run, type RunEvent, type RunOptions } from "../tuners/run.ts";
import type { Snapshot } from "../tuners/snapshot.ts";
import type { HostTree } from "../util/host-array.ts";
import { createSearchRun } from "./search-run.ts";

const task = smallTask();
const still = { clock: { now: () => 0 } };
const settings = { batchSize: 6, seed: 3 }; // 4 steps an epoch

let engine: Engine;
beforeAll(async () => {
  engine = await jaxEngine("cpu");
});

const searchOf = (
  options: RunOptions,
  { clock = still.clock, rate = 0.03, from = undefined as Snapshot | undefined } = {},
) =>
  createSearchRun(
    task,
    { sampler: random(), scheduler: fullBudget(3), tuner: fixed({ learningRate: rate }) },
    engine,
    { ...settings, ...options },
    { clock },
    from,
  );

/** What a run tells; `look` sees it at each. */
async function heardOf(run: Run, look?: (event: RunEvent) => Promise<void>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run.events()) {
    events.push(event);
    await look?.(event);
  }
  return events;
}

const pointsOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.kind === "epoch" ? [event.trace] : []));

test("a search that its epochs end between two evaluations evaluates there, as a training of the same values does", async () => {
  const search = searchOf({ epochs: 1, evaluateEvery: 7 });
  let weights: HostTree | undefined;
  const heard = await heardOf(search, async ({ kind }) => {
    if (kind === "epoch") weights = await search.weights();
  });
  const [point, ...others] = pointsOf(heard);
  expect(others).toEqual([]);
  expect(point).toMatchObject({ step: 4, epoch: 1, gradientEvaluations: 4, trial: { number: 0, epoch: 1 } });
  expect(heard.at(-1)).toMatchObject({ kind: "end", reason: "epochs", final: point });
  const values = Object.fromEntries(
    Object.entries(point?.hyperparameters ?? {}).map(([name, { value }]) => [name, Number(value)]),
  );
  const alone = createRun(startingAt(task, values), fixed(), engine, { ...settings, epochs: 1 }, still);
  const [same] = pointsOf(await heardOf(alone));
  expect(point?.valid.loss).toBeCloseTo(same?.valid.loss ?? NaN, 6);
  expect(weights).toEqual(await alone.weights());
  await expect(search.weights("best")).resolves.toHaveProperty("fc1");
  await expect(search.weights()).rejects.toThrow('take weights("best")'); // at its end no training is under way
  search.dispose();
  alone.dispose();
});

test("so does one that its time or its gradients end, but not one that is interrupted or has just evaluated", async () => {
  let seconds = 0;
  const clock = { now: () => (seconds += 100) };
  const [timed] = pointsOf(
    await heardOf(searchOf({ epochs: 9, evaluateEvery: 100, timeLimit: 2 }, { clock })),
  );
  expect(timed?.step).toBeGreaterThan(0);
  const spent = pointsOf(await heardOf(searchOf({ epochs: 9, evaluateEvery: 5, gradientLimit: 7 })));
  expect(spent.map(({ step }) => step)).toEqual([5, 10]); // it counts gradients where it evaluates
  const even = pointsOf(await heardOf(searchOf({ epochs: 2 })));
  expect(even.map(({ step }) => step)).toEqual([4, 8]);
});

test("nor does one that follows costs, since a training that is broken off has the least", async () => {
  const lastOf = async (goals: Goals) => {
    const { sampler, scheduler, tuner } = { sampler: random(), scheduler: fullBudget(3), tuner: fixed() };
    const options = { ...settings, epochs: 4.25 }; // a step of the second training
    const search = createSearchRun(task, { sampler, scheduler, tuner, goals }, engine, options, still);
    return pointsOf(await heardOf(search)).map(({ trial }) => trial?.number);
  };
  const loss = { name: "loss", largest: false };
  expect(await lastOf({ objectives: [loss], bounds: [] })).toEqual([0, 0, 0, 1, 1]);
  const cost = { name: "gradients", largest: false };
  expect(await lastOf({ objectives: [loss, cost], bounds: [] })).toEqual([0, 0, 0, 1]);
  const bound = { name: "epochs", most: true, value: 9 };
  expect(await lastOf({ objectives: [loss], bounds: [bound] })).toEqual([0, 0, 0, 1]);
});

test("a search goes on behind its last look as it would have gone on", async () => {
  const first = searchOf({ epochs: 1.25 });
  await heardOf(first);
  const from = await first.snapshot();
  first.dispose();
  const rest = pointsOf(await heardOf(searchOf({ epochs: 6 }, { from })));
  const whole = pointsOf(await heardOf(searchOf({ epochs: 6 })));
  expect(rest.map(({ valid, step }) => [step, valid.loss])).toEqual(
    whole.slice(1).map(({ valid, step }) => [step, valid.loss]),
  );
});

test("a training whose loss is not finite at the last look fails", async () => {
  const heard = heardOf(searchOf({ epochs: 0.25, evaluateEvery: 100 }, { rate: 1e20 }));
  await expect(heard).rejects.toThrow("1 of 1 failed, the last because the validation loss must stay finite");
});
