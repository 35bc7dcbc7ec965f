import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { appendTrace, beginTrace } from "../../artifacts/trace-file.ts";
import { lockRunFolder } from "../../artifacts/lock.ts";
import type { RecordedRun } from "../../artifacts/record.ts";
import {
  createRunFolder,
  demandEmpty,
  openRunFolder,
  removeRunFolder,
  runFolder,
  type RunFolder,
} from "../../artifacts/run-folder.ts";
import type { TracePoint } from "../../api/trace.ts";
import { openStorage } from "../../storage/open-storage.ts";
import type { Storage, StudyModel } from "../../storage/storage.ts";
import { keepsBounds, leastLoss, type Goals } from "../../search/goals.ts";
import { failedIn, withoutModel } from "../../study/search-study.ts";
import { inputError, workError } from "../../util/error.ts";
import { shellWord } from "../../util/shell-word.ts";
import { oneLine } from "../../util/text.ts";
import type { HostTree } from "../../util/host-array.ts";
import { decodeTensors } from "../../util/safetensors.ts";
import type { Config } from "../config/config.ts";
import { partOf } from "../config/fields.ts";
import { INTERRUPTED, type Interrupt } from "../terminal/interrupt.ts";
import { DEFAULT_TRIALS, stepsPerEpochOf, type Job } from "../run/job.ts";
import { remarksOfSearch } from "../run/method-run.ts";
import { areNotTheSame, changesOf, keepOrigin } from "../run/origin.ts";
import { keptConfig } from "../run/run-config.ts";
import { overallTrace } from "../study/overall-trace.ts";
import { evaluationsOf, watched, workProcesses } from "../study/processes.ts";
import { readStudyConfig, type StudyConfig } from "../study/study-config.ts";
import { studyConfigOf, studyJob, trainedConfigOf } from "../study/study-job.ts";
import { endsOf, failuresOf, studySummary } from "../study/study-summary.ts";
import { lossText } from "../study/study-text.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { paramsOf } from "../tracking/open-tracking.ts";
import { lossUnitOf } from "../../report/loss-unit.ts";
import { trackRun } from "../tracking/track-run.ts";
import { trackStudy } from "../tracking/track-study.ts";
import type { Tracker } from "../tracking/tracker.ts";
import { conclude } from "../run/finish-run.ts";
import { count } from "../../util/words.ts";

/** Milliseconds between two looks at how far it is: each takes processor time from the training. */
const LOOK = 2_000;

/**
 * Searches by workers that share a storage, and leaves a run folder of the best trial.
 *
 * @returns the exit code
 */
export async function tuneStudy(
  job: Job & { readonly config: Config & { readonly store: string } },
  terminal: Terminal,
  { signal }: Interrupt,
  tracker?: Tracker,
): Promise<number> {
  const { config, named } = job;
  const { store, artifacts, workers = 1, trials = DEFAULT_TRIALS } = config;
  const study = config.study ?? `${named.name}-${config.method}-${config.seed}`;
  const own = await studyJob(job, study, trials);
  const stored = await studyConfigOf(own);
  for (const sentence of remarksOfSearch(config, own.search)) terminal.note(`warning: ${sentence}`);
  await using storage = await openStorage(store, { artifacts });
  const earlier = config.out === undefined ? undefined : await earlierRun(config.out, config, storage);
  await beginStudy(storage, study, stored, artifacts, terminal);
  const points = own.plan.sampler.size?.(own.plan.space) ?? Infinity;
  if (points < trials) {
    terminal.note(
      `the grid has ${count(points, "point")}: the study ends there, before its ${count(trials, "trial")}`,
    );
  }

  const stepsPerEpoch = stepsPerEpochOf(config, named);
  const tracked =
    tracker &&
    trackRun(tracker, {
      name: study,
      params: paramsOf(config, named.supervised && lossUnitOf(named.supervised)),
      stepsPerEpoch,
    });
  const { threads } = config;
  const processes = { store, study, workers, ...(threads !== undefined && { threads }) };
  const working = workProcesses(processes, {
    signal,
    note: terminal.note,
    progress: () => evaluationsOf(storage, study),
  });
  await watched(working, (ended) =>
    Promise.all([
      watch(storage, study, Math.min(trials, points), ended, terminal),
      tracked && trackStudy(storage, study, tracked, { stepsPerEpoch, goals: own.plan.goals }, ended),
    ]),
  );
  tracked?.end(signal.aborted ? "stopped" : "finished");
  const goOn = `hypertrain work ${storage.name} --study ${study}`;
  if (signal.aborted) {
    terminal.stopped(`stopped; go on with the same command, or with: ${goOn}`);
    return INTERRUPTED;
  }
  const found = await storage.find(study);
  if (!found?.model) throw await nothingFound(storage, study, own.plan.goals, config.where);
  const name = `${named.name}-${config.method}-${config.seed}`;
  if (earlier) {
    await using _lock = await lockRunFolder(earlier);
    await removeRunFolder(earlier); // all of it is in the store
  }
  const folder = await createRunFolder(
    keptConfig({ ...config, store: storage.name }), // without a password
    config.out === undefined ? { name } : { out: config.out },
  );
  await using lock = await lockRunFolder(folder);
  await keepOrigin(folder, job);
  const records = await storage.trials(study);
  const about = { goals: own.plan.goals, model: found.model };
  const trace = overallTrace(await storage.points(study), records, stepsPerEpoch, about);
  const [first, ...later] = trace as [TracePoint, ...TracePoint[]]; // a study with a model has points
  await beginTrace(folder.metrics, first);
  for (const point of later) await appendTrace(folder.metrics, point);
  const run = { ...(await bestOf(storage, study, found.model, trace)), failed: failedIn(records) };
  const { progress, note, stopped } = terminal;
  const options = { progress, note, signal, clock: performance, lock, ...(tracker && { tracker }) };
  const outcome = await conclude(job, folder, run, options);
  if (outcome.kind === "interrupted") {
    stopped("stopped before the baseline was trained; the same command trains it, and the study is whole");
    return INTERRUPTED;
  }
  terminal.result(outcome.result);
  if (outcome.failure) throw outcome.failure;
  if (config.objectives?.includes(",")) {
    note(
      `the run folder has the network of the lowest loss; the front: hypertrain study pareto ${shellWord(study)} --store ${storage.name}`,
    );
  }
  return 0;
}

/**
 * The run folder that the same command made of this study before, which is made anew; nothing where there is none.
 *
 * @throws {HypertrainError} where the folder holds something else.
 */
async function earlierRun(
  out: string,
  config: Config & { readonly store: string },
  storage: Storage,
): Promise<RunFolder | undefined> {
  if (!existsSync(runFolder(out).config)) {
    await demandEmpty(out);
    return undefined;
  }
  const found = await openRunFolder(out);
  const { path: _path, ...files } = found.folder;
  const own = Object.values(files).map((file) => basename(file));
  const before = found.config as Partial<Config>; // hypertrain wrote it
  const same = (["data", "problem", "method", "seed", "study"] as const).every(
    (field) => before[field] === config[field],
  );
  const whole = readdirSync(out).every((name) => own.includes(name)); // else it would remove a user's files
  if (same && whole && before.store === storage.name) return found.folder;
  await demandEmpty(out);
  return undefined;
}

/** Makes the study, or goes on with that of the same configuration. @throws {HypertrainError} where it has more trials than are wanted */
async function beginStudy(
  storage: Storage,
  study: string,
  wanted: StudyConfig,
  artifacts: string | undefined,
  { note }: Terminal,
): Promise<void> {
  if (await storage.create(study, wanted, artifacts)) return;
  const found = await storage.find(study);
  if (!found)
    throw workError(`the study "${study}" must stay in ${storage.name}, but was deleted; begin it anew`);
  const { trials, ...stored } = trainedConfigOf(found);
  const differing = fieldsThatDiffer(stored, JSON.parse(JSON.stringify(wanted)) as StudyConfig);
  if (differing.length > 0) {
    throw inputError(
      `the study "${study}" in ${storage.name} must be of the same search, but differs in ${differing.slice(0, 3).join(", ")}; choose another name with --study`,
    );
  }
  const changed = changesOf(stored.origin, wanted.origin, wanted);
  if (changed.length > 0) {
    throw inputError(
      `the study "${study}" in ${storage.name} must go on with what it was begun with, but ${areNotTheSame(changed)}; restore that, or choose another name with --study`,
    );
  }
  await storage.reach(study, artifacts);
  await storage.reopen(study, (now, made) => {
    if (made > wanted.trials) {
      throw inputError(
        `--trials must be at least as many as the study "${study}" has, ${made}, but got ${wanted.trials}; give more, or look at them: hypertrain study show ${shellWord(study)} --store ${storage.name}`,
      );
    }
    return now.state === "open" && readStudyConfig(now).trials === wanted.trials ? undefined : wanted;
  });
  note(`going on with the study "${study}" in ${storage.name}, of ${count(trials, "trial")}`);
}

function fieldsThatDiffer(stored: Omit<StudyConfig, "trials">, wanted: StudyConfig): string[] {
  const [before, now] = [stored, wanted].map(({ config }) => partOf(config, "training")) as [object, object];
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])] as (keyof Config)[];
  return names.filter((name) => JSON.stringify(stored.config[name]) !== JSON.stringify(wanted.config[name]));
}

/** Says how far the study is whenever a trial has ended. */
async function watch(
  storage: Storage,
  study: string,
  most: number,
  signal: AbortSignal,
  { note }: Terminal,
): Promise<void> {
  let told = "";
  const tell = async () => {
    const found = await storage.find(study);
    const { trials } = found ? studySummary(found, await storage.trials(study)) : { trials: [] };
    const done = trials.filter(({ state }) => state === "complete" || state === "failed").length;
    const failures = failuresOf(trials);
    const soFar = `${done} of ${count(most, "trial")}${failures === undefined ? "" : ` (${failures})`}`;
    const far = found?.state === "done" ? endsOf(trials) : soFar;
    if (far === told || (done === 0 && found?.state !== "done")) return;
    told = far;
    const model = found?.model;
    const best = model ? `, best ${lossText(model.point.valid.loss)} by trial ${model.trial}` : "";
    note(`${far}${best}`);
  };
  while (!signal.aborted) {
    await tell().catch(() => undefined); // the workers say what is wrong
    await sleep(LOOK, undefined, { signal }).catch(() => undefined);
  }
  await tell().catch(() => undefined);
}

async function nothingFound(
  storage: Storage,
  study: string,
  goals: Goals = leastLoss,
  where = "",
): Promise<Error> {
  const trials = await storage.trials(study);
  const trained = trials.filter(({ state, curve }) => state !== "failed" && curve.length > 0);
  if (trained.length > 0 && !trained.some(({ measures = {} }) => keepsBounds(measures, goals))) {
    return workError(
      `a search within bounds must find a training that keeps them, but none of ${trials.length} kept "${oneLine(where)}"; widen --where under another --study, or let it go on with more --trials`,
    );
  }
  return withoutModel(trials);
}

async function bestOf(
  storage: Storage,
  study: string,
  { trial, point, sha }: StudyModel,
  trace: readonly TracePoint[],
): Promise<RecordedRun> {
  const bytes = await storage.artifact(study, sha);
  if (!bytes)
    throw workError(
      `the model of "${study}" must be in ${storage.name}, but is gone; restore a copy of the store`,
    );
  const { weights } = decodeTensors(bytes, `the model of ${study}`).tensors as { readonly weights: HostTree };
  const best = trace.find((one) => one.trial?.number === trial && one.trial.epoch === point.epoch) ?? point;
  return { reason: "epochs", best, final: trace.at(-1) as TracePoint, weights, advanced: true };
}
