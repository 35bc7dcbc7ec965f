import { afterAll, beforeAll, expect, test } from "vitest";

import { readConfig } from "../../src/cli/config/read-config.ts";
import { loadJob, stepsPerEpochOf } from "../../src/cli/run/job.ts";
import { trainingOptions } from "../../src/cli/run/run-options.ts";
import { overallTrace } from "../../src/cli/study/overall-trace.ts";
import { studyConfigOf, studyJob } from "../../src/cli/study/study-job.ts";
import { trainStudy } from "../../src/cli/study/worker.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { createSearchRun } from "../../src/study/search-run.ts";
import type { TrialRecord } from "../../src/study/next-segment.ts";
import { openStudy } from "../../src/study/search-study.ts";
import { trialRunner } from "../../src/study/trial.ts";
import { workError } from "../../src/util/error.ts";

let storage: Storage;
beforeAll(async () => void (storage = await openStorage(":memory:")));
afterAll(async () => storage[Symbol.asyncDispose]());

const environment = { clock: performance, signal: new AbortController().signal };

async function jobOf(method: string, trials: number) {
  const flags = {
    data: "wine",
    hidden: [4],
    method,
    trialEpochs: 9,
    batchSize: 40,
    engine: "onnx",
    threads: 1,
  };
  const job = await loadJob(await readConfig(undefined, flags), {});
  return studyJob(job, method, trials);
}

/** The trials of a study in memory, and what they cost. */
async function trialsOfOne({ search, plan, engine, config, named }: Awaited<ReturnType<typeof jobOf>>) {
  const run = trainingOptions(config, stepsPerEpochOf(config, named));
  const runner = trialRunner({ task: search.task, tuner: search.tuner, engine, run, environment });
  const study = openStudy({ ...plan, runner });
  let spent = { steps: 0, gradientEvaluations: 0 };
  for await (const event of study.events()) ({ spent } = event);
  const { trials } = await study.snapshot();
  runner.dispose();
  return { spent, trials };
}

/** A trial without what tells who trained it, and where it is kept. */
const trainedOf = ({ attempt: _a, measuredBy: _m, checkpoint: _c, ...rest }: TrialRecord) => rest;

const trials = { random: 3, tpe: 12, hyperband: 14, asha: 9, "freeze-thaw": 4, "population-based": 10 };

test.each(Object.entries(trials))(
  "one worker trains what a search without a storage trains, bit for bit: %s",
  async (method, count) => {
    const job = await jobOf(method, count);
    await storage.create(method, await studyConfigOf(job));
    expect(await trainStudy(job, { storage, note: () => {}, ...environment })).toBe("done");
    const stored = await storage.trials(method);
    const { trials: own, spent } = await trialsOfOne(job);
    expect(stored.map(trainedOf)).toEqual(own.map(trainedOf));
    const { step, gradientEvaluations } =
      overallTrace(await storage.points(method), stored, stepsPerEpochOf(job.config, job.named)).at(-1) ?? {};
    expect({ steps: step, gradientEvaluations }).toEqual(spent);
    const best = Math.min(...stored.flatMap(({ curve }) => curve.map(({ loss }) => loss)));
    expect((await storage.find(method))?.model?.point.valid.loss).toBe(best);
  },
);

/** An engine, and how often its sessions were asked for weights. */
function countingWeights(engine: Engine) {
  let asked = 0;
  const open: Engine["open"] = (programs, state, precision) => {
    const session = engine.open(programs, state, precision);
    return {
      run(program, inputs) {
        if (program === "weights") asked += 1;
        return session.run(program, inputs);
      },
      read: (parts) => session.read(parts),
      write: (parts) => session.write(parts),
      dispose: () => session.dispose(),
    };
  };
  return { engine: { name: engine.name, open } satisfies Engine, asked: () => asked };
}

test("a worker copies weights as often as a search without a storage, and offers those that the study takes", async () => {
  const job = await jobOf("random", 4);
  const { config, named, search, plan } = job;
  const alone = countingWeights(job.engine);
  const options = { ...trainingOptions(config, stepsPerEpochOf(config, named)), epochs: 4 * 9 };
  const searcher = { sampler: plan.sampler, scheduler: plan.scheduler, tuner: search.tuner };
  const run = createSearchRun(search.task, searcher, alone.engine, options, environment);
  for await (const event of run.events()) if (event.kind === "end") break;
  run.dispose();

  await storage.create("copies", await studyConfigOf(job));
  const losses: (number | undefined)[] = [];
  const watched: Storage = {
    ...storage,
    tellAndClaim(claim, end, worker, next) {
      losses.push(end.kind === "trained" ? end.model?.point.valid.loss : undefined);
      return storage.tellAndClaim(claim, end, worker, next);
    },
  };
  const own = countingWeights(job.engine);
  const work = { ...job, study: "copies", engine: own.engine };
  expect(await trainStudy(work, { ...environment, storage: watched, note: () => {} })).toBe("done");
  expect(own.asked()).toBe(alone.asked());
  const lowest = (await storage.trials("copies")).map(({ curve }) =>
    Math.min(...curve.map(({ loss }) => loss)),
  );
  const record = (loss: number, i: number) => loss < Math.min(Infinity, ...lowest.slice(0, i));
  expect(losses).toEqual(lowest.map((loss, i) => (record(loss, i) ? loss : undefined)));
  expect(losses).toContain(undefined);
});

test("a storage that fails ends the worker, and is no failure of its trial", async () => {
  const job = await jobOf("random", 1);
  await storage.create("failing", await studyConfigOf(job));
  const failing: Storage = {
    ...storage,
    reportAll: (claim, evaluations) =>
      evaluations.some(({ budget }) => budget > 2)
        ? Promise.reject(workError("the disk is full"))
        : storage.reportAll(claim, evaluations),
  };
  let time = 0;
  const clock = { now: () => (time += 1000) }; // a second goes by at each look, so that nothing is kept back
  const options = { ...environment, clock, storage: failing, note: () => {} };
  const work = trainStudy({ ...job, study: "failing" }, options);
  await expect(work).rejects.toThrow("the disk is full");
  expect(await storage.trials("failing")).toMatchObject([{ state: "running", attempt: 1 }]);
});

/** An engine, and how many of its sessions are open; running `failing` fails. */
function countingSessions(engine: Engine, failing?: string) {
  let sessions = 0;
  const open: Engine["open"] = (programs, state, precision) => {
    const session = engine.open(programs, state, precision);
    sessions += 1;
    return {
      run: (program, inputs) =>
        program === failing
          ? Promise.reject(workError("the loss must be finite"))
          : session.run(program, inputs),
      read: (parts) => session.read(parts),
      write: (parts) => session.write(parts),
      dispose() {
        sessions -= 1;
        session.dispose();
      },
    };
  };
  return { engine: { name: engine.name, open } satisfies Engine, open: () => sessions };
}

test("a training that fails at its start leaves no session open", async () => {
  const job = await jobOf("random", 2);
  const { task } = job.search;
  const alone = () => {
    throw workError("the network must be one");
  };
  const problem = { ...task.problem, architecture: { alone } as never };
  for (const [study, failing, search] of [
    ["diverges", "evaluate", job.search],
    ["no network", undefined, { ...job.search, task: { ...task, problem } }],
  ] as const) {
    const { engine, open } = countingSessions(job.engine, failing);
    await storage.create(study, await studyConfigOf(job));
    expect(
      await trainStudy({ ...job, study, engine, search }, { ...environment, storage, note: () => {} }),
    ).toBe("done");
    const states = (await storage.trials(study)).map(({ state, reason }) => [state, reason]);
    const reason = expect.stringMatching(/^the (loss|network) must be /) as string;
    expect(states).toEqual([
      ["failed", reason],
      ["failed", reason],
    ]);
    expect(open()).toBe(0);
  }
});
