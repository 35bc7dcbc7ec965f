import { setTimeout as sleep } from "node:timers/promises";

import type { TracePoint } from "../../api/trace.ts";
import { thisProcess } from "../../artifacts/machine.ts";
import { violationOf, type TrialMeasures } from "../../search/goals.ts";
import type { Claim, SegmentEnd, Storage } from "../../storage/storage.ts";
import { nextSegment, type TrialRecord } from "../../study/next-segment.ts";
import { parametersAt } from "../../study/parameters-at.ts";
import { measuresAfter } from "../../study/trial-measures.ts";
import { atValues, trialRunner, type TrialRunner } from "../../study/trial.ts";
import { loadSnapshot, saveSnapshot } from "../../tuners/snapshot.ts";
import type { Run, RunEvent } from "../../tuners/run.ts";
import { HypertrainError, workError } from "../../util/error.ts";
import { encodeTensors } from "../../util/safetensors.ts";
import { stepsPerEpochOf } from "../job.ts";
import { runOptions } from "../work.ts";
import { deathWatch } from "./death-watch.ts";
import type { StudyJob } from "./study-job.ts";

/** Milliseconds between two signs of life. */
const BEAT = 2_000;

/** Milliseconds between two questions for work, where there was none. */
const PAUSE = 200;

/** The least milliseconds between two checkpoints. */
const LEAST_PAUSE = 5_000;

/** What a worker needs from outside. */
export interface WorkerOptions {
  readonly storage: Storage;
  readonly signal: AbortSignal;
  readonly clock: { now(): number };
  /** A remark on the way. */
  note(line: string): void;
}

/**
 * Trains segments of a study until nothing is left, or the signal comes, when it hands back what it holds.
 *
 * @throws {HypertrainError} where the storage cannot be reached.
 */
export async function workOn(job: StudyJob, options: WorkerOptions): Promise<"done" | "interrupted"> {
  const { storage, signal, clock, note } = options;
  const { study, plan } = job;
  const me = JSON.stringify(thisProcess());
  const {
    epochs: _,
    timeLimit: _limit,
    patience: _patience,
    ...run
  } = runOptions(job.config, stepsPerEpochOf(job.config, job.named));
  const runner = trialRunner({
    ...{ task: job.search.task, tuner: job.search.tuner, engine: job.engine, run },
    environment: { clock, signal },
  });
  const watch = deathWatch(storage, study, clock, note);
  try {
    while (!signal.aborted) {
      await watch();
      const claimed = await storage.claim(study, me, (trials, enqueued) =>
        nextSegment(plan, trials, enqueued),
      );
      if (claimed.kind === "done") return "done";
      if (claimed.kind === "wait") await sleep(PAUSE);
      else await trainSegment(claimed.claim, claimed.trial, job, runner, options);
    }
    return "interrupted";
  } finally {
    runner.dispose();
  }
}

/** Trains a segment to its end, unless another worker takes it. */
async function trainSegment(
  claim: Claim,
  trial: TrialRecord,
  job: StudyJob,
  runner: TrialRunner,
  { storage, clock, note }: WorkerOptions,
): Promise<void> {
  let held = true;
  const parameters = parametersAt(job.search.task.problem, trial.values);
  const sized = (point: TracePoint): TracePoint => ({
    ...point,
    ...(parameters !== undefined && { parameters }),
  });
  let measures: TrialMeasures = trial.measures ?? {};
  const beating = setInterval(() => {
    storage.beat(claim).then(
      (still) => (held &&= still),
      () => undefined, // the next report says so
    );
  }, BEAT);
  let run: Run | undefined;
  try {
    run = runner.open(await checkpointOf(storage, claim.study, trial), trial.to);
    let savedAt = clock.now();
    let pause = LEAST_PAUSE;
    for await (const event of eventsOf(run)) {
      if (event.kind === "start" && event.trace.step === 0)
        held &&= await storage.report(claim, 0, sized(event.trace));
      if (event.kind === "epoch") {
        const point = sized(event.trace);
        measures = measuresAfter(measures, point, point.epoch);
        held &&= await storage.report(claim, point.epoch, point);
        if (held && clock.now() - savedAt >= pause) {
          const begun = clock.now();
          held = await storage.checkpoint(claim, saveSnapshot(await run.snapshot()));
          savedAt = clock.now();
          pause = Math.max(LEAST_PAUSE, 20 * (savedAt - begun));
        }
      }
      if (event.kind === "failed") {
        await storage.tell(claim, event);
        return;
      }
      if (!held) return note(`trial ${claim.trial} went on elsewhere`);
      if (event.kind !== "end") continue;
      if (event.reason === "interrupted") {
        held = await storage.checkpoint(claim, saveSnapshot(await run.snapshot()));
        if (held) await storage.tell(claim, { kind: "handed back" });
        return;
      }
      await storage.tell(claim, await endOf(run, sized(event.best), measures, trial, job));
    }
  } finally {
    clearInterval(beating);
    run?.dispose();
  }
}

/** What a run tells; where training fails, that is the last event: what the storage throws must not be taken for it. */
async function* eventsOf(
  run: Run,
): AsyncGenerator<RunEvent | { readonly kind: "failed"; readonly reason: string }> {
  try {
    yield* run.events();
  } catch (error) {
    if (!(error instanceof HypertrainError && error.code === "work")) throw error;
    yield { kind: "failed", reason: error.message };
  }
}

async function checkpointOf(storage: Storage, study: string, { values, checkpoint, number }: TrialRecord) {
  if (checkpoint === undefined) return { values };
  const bytes = await storage.artifact(study, checkpoint);
  if (!bytes)
    throw workError(
      `the checkpoint of trial ${number} must be in ${storage.name}, but is gone; restore a copy of the store`,
    );
  const snapshot = loadSnapshot(bytes, `the checkpoint of trial ${number} in ${storage.name}`);
  return atValues({ values, snapshot }, values); // a copy's are not those of the checkpoint
}

async function endOf(
  run: Run,
  point: SegmentModel["point"],
  measures: TrialMeasures,
  { to }: TrialRecord,
  { plan }: StudyJob,
): Promise<SegmentEnd> {
  const complete = to >= (plan.scheduler.budget ?? Infinity) - 1e-9;
  const { bounds = [] } = plan.goals ?? {};
  const kept = Number.isFinite(point.valid.loss) && violationOf(measures, bounds) === 0; // the study's network is one within its bounds
  const weights = encodeTensors({ tensors: { weights: await run.weights("best") }, notes: {} });
  return {
    kind: "trained",
    complete,
    ...(!complete && { snapshot: saveSnapshot(await run.snapshot()) }),
    ...(kept && { model: { point, weights } }),
  };
}

type SegmentModel = NonNullable<Extract<SegmentEnd, { kind: "trained" }>["model"]>;
