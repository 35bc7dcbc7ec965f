import type { TracePoint } from "../../api/trace.ts";
import { thisProcess } from "../../artifacts/machine.ts";
import { follows, keepsBounds, leastLoss } from "../../search/goals.ts";
import { budgetOf, isWhole } from "../../search/schedulers/scheduler.ts";
import type { Claim, Claimed, Decide, SegmentEnd, Storage } from "../../storage/storage.ts";
import { nextSegment, type StudyPlan, type TrialRecord } from "../../study/next-segment.ts";
import { networkAt } from "../../study/network-at.ts";
import { evaluated } from "../../study/trial-changes.ts";
import { trialRunner } from "../../study/trial.ts";
import { loadSnapshot, saveSnapshot, type Snapshot } from "../../tuners/snapshot.ts";
import type { Run, RunEvent } from "../../tuners/run.ts";
import { HypertrainError, workError } from "../../util/error.ts";
import { encodeTensors } from "../../util/safetensors.ts";
import { stepsPerEpochOf } from "../run/job.ts";
import { trainingOptions } from "../run/run-options.ts";
import { deathWatch } from "./death-watch.ts";
import { segmentReports } from "./segment-reports.ts";
import type { StudyJob } from "./study-job.ts";

/** What a worker needs from outside. */
export interface WorkerOptions {
  readonly storage: Storage;
  readonly signal: AbortSignal;
  readonly clock: { now(): number };
  /** A remark on the way. */
  note(line: string): void;
}

/** A study as whoever trains for it sees it. */
export interface SegmentSource {
  readonly study: string;
  /** Decides what is next. */
  readonly next: Decide;
  /**
   * Opens the training of a segment, from a snapshot where it was begun before.
   *
   * @param best the validation loss of the study's network, if it has one
   */
  open(trial: TrialRecord, from: Snapshot | undefined, best: number | undefined): Promise<SegmentTraining>;
  /** Why a training failed; undefined for an error that is none of the training's. */
  failureOf(error: unknown): string | undefined;
  dispose(): void;
}

/** The end of a segment that was trained to it. */
type TrainedEnd = Extract<SegmentEnd, { kind: "trained" }>;

/** The training of a segment. */
export interface SegmentTraining {
  readonly run: Run;
  /** What to tell of it when it was trained to its end. @param best its best evaluation */
  end(best: TracePoint): Promise<TrainedEnd>;
  /** How far an evaluation is, and what is kept of it; default its epochs, and itself. */
  stored?(trace: TracePoint): { readonly budget: number; readonly point: TracePoint };
}

/**
 * Trains segments of a search until nothing is left, or the signal comes, when it hands back what it holds.
 *
 * @throws {HypertrainError} where the storage cannot be reached.
 */
export function trainStudy(job: StudyJob, options: WorkerOptions): Promise<"done" | "interrupted"> {
  const { signal, clock } = options;
  const { study, plan } = job;
  const run = trainingOptions(job.config, stepsPerEpochOf(job.config, job.named));
  const runner = trialRunner({
    ...{ task: job.search.task, tuner: job.search.tuner, engine: job.engine, run },
    environment: { clock, signal },
  });
  const { batchSize, precision } = job.config;
  const latency = follows(plan.goals ?? leastLoss, "latency")
    ? { engine: job.engine, clock, batchSize, precision }
    : undefined;
  const source: SegmentSource = {
    study,
    next: (trials, enqueued) => nextSegment(plan, trials, enqueued),
    async open(trial, snapshot, best = Infinity) {
      const { values, to } = trial;
      const from = { values, ...(snapshot && { snapshot }) };
      const network = await networkAt(job.search.task, values, latency);
      const opened = runner.open(from, to, best); // worse weights the study would not take
      const sized = (point: TracePoint): TracePoint => ({ ...point, ...network });
      let record = trial;
      return {
        run: opened,
        stored(trace) {
          const evaluation = { budget: trace.epoch, point: sized(trace) };
          record = evaluated(record, [evaluation]);
          return evaluation;
        },
        end: (point) => endOf(opened, sized(point), record, best, plan),
      };
    },
    failureOf: (error) =>
      error instanceof HypertrainError && error.code === "work" ? error.message : undefined,
    dispose: () => runner.dispose(),
  };
  return trainSegments(source, options);
}

/**
 * Trains segments of any study until nothing is left, or the signal comes, when it hands back what it holds.
 *
 * @throws {HypertrainError} where the storage cannot be reached.
 */
export async function trainSegments(
  source: SegmentSource,
  options: WorkerOptions,
): Promise<"done" | "interrupted"> {
  const { storage, signal, clock, note } = options;
  const { study, next } = source;
  const me = JSON.stringify(thisProcess());
  const watch = deathWatch(storage, study, clock, note);
  /** Ends a segment, and begins the next one where there is time for it. */
  const tell = async (claim: Claim, end: SegmentEnd): Promise<Claimed | undefined> => {
    if (signal.aborted) return void (await storage.tell(claim, end));
    await watch();
    return storage.tellAndClaim(claim, end, me, next);
  };
  try {
    await storage.reach(study);
    let claimed: Claimed | undefined;
    let room: string | undefined;
    while (claimed?.kind === "segment" || !signal.aborted) {
      if (!claimed) await watch();
      claimed ??= await storage.claim(study, me, next, room);
      if (claimed.kind === "done") return "done";
      if (claimed.kind === "wait") {
        await storage.changed("segments", signal);
        claimed = undefined;
      } else {
        room = claimed.claim.room;
        claimed = await trainSegment(claimed, source, tell, options);
      }
    }
    return "interrupted";
  } finally {
    source.dispose();
  }
}

/** Trains a segment to its end, unless another worker takes it. @returns the next one, if that was claimed with its end */
async function trainSegment(
  { claim, trial, best }: Extract<Claimed, { kind: "segment" }>,
  source: SegmentSource,
  tell: (claim: Claim, end: SegmentEnd) => Promise<Claimed | undefined>,
  { storage, clock, note }: WorkerOptions,
): Promise<Claimed | undefined> {
  using reports = segmentReports(storage, claim, clock);
  const from = await checkpointOf(storage, claim.study, trial);
  for await (const [event, opened] of eventsOf(() => source.open(trial, from, best), source.failureOf)) {
    if (!opened) {
      await reports.sayAll();
      return await tell(claim, event); // signs of life go on until it is told
    }
    const { run, stored = asItIs } = opened;
    const snapshot = () => run.snapshot();
    if (event.kind === "start" && event.trace.step === 0) {
      reports.add({ budget: 0, point: stored(event.trace).point });
    }
    if (event.kind === "epoch") {
      reports.add(stored(event.trace));
      await reports.keepUp(snapshot);
    }
    if (event.kind === "failed") reports.strike(event.since);
    if (!reports.held) return void note(`trial ${claim.trial} went on elsewhere`);
    if (event.kind !== "end") continue;
    if (event.reason !== "interrupted") {
      return await tell(claim, { ...(await opened.end(event.best)), evaluations: reports.unsaid });
    }
    await reports.sayAll();
    await reports.save(snapshot);
    if (reports.held) await storage.tell(claim, { kind: "handed back" });
    return undefined;
  }
  return undefined;
}

const asItIs = (point: TracePoint) => ({ budget: point.epoch, point });

/**
 * Opens a training and says what its run tells, beside the training, which is disposed of when nobody listens any more. Where that fails,
 * how is the last event, beside nothing: what the storage throws must not be taken for it.
 */
async function* eventsOf(
  open: () => Promise<SegmentTraining>,
  failureOf: SegmentSource["failureOf"],
): AsyncGenerator<
  | readonly [RunEvent, SegmentTraining]
  | readonly [{ readonly kind: "failed"; readonly reason: string }, undefined]
> {
  let training: SegmentTraining | undefined;
  try {
    training = await open();
    for await (const event of training.run.events()) yield [event, training];
  } catch (error) {
    const reason = failureOf(error);
    if (reason === undefined) throw error;
    yield [{ kind: "failed", reason }, undefined];
  } finally {
    training?.run.dispose();
  }
}

async function checkpointOf(
  storage: Storage,
  study: string,
  { checkpoint, number }: TrialRecord,
): Promise<Snapshot | undefined> {
  if (checkpoint === undefined) return undefined;
  const bytes = await storage.artifact(study, checkpoint);
  if (bytes) return loadSnapshot(bytes, `the checkpoint of trial ${number} in ${storage.name}`);
  throw workError(
    `the checkpoint of trial ${number} must be in ${storage.name}, but is gone; restore a copy of the store`,
  );
}

async function endOf(
  run: Run,
  point: SegmentModel["point"],
  trial: TrialRecord,
  studyBest: number,
  { scheduler, goals = leastLoss }: StudyPlan,
): Promise<TrainedEnd> {
  const complete = isWhole(budgetOf(trial), scheduler);
  const better =
    (point.step > 0 || goals.bounds.length === 0) && // nobody knows whether an untrained network keeps them
    point.valid.loss < studyBest &&
    keepsBounds(trial.measures ?? {}, goals); // the study's network is one within its bounds
  return {
    kind: "trained",
    complete,
    ...(!complete && { snapshot: saveSnapshot(await run.snapshot()) }),
    ...(better && {
      model: {
        point,
        weights: encodeTensors({ tensors: { weights: await run.weights("best") }, notes: {} }),
      },
    }),
  };
}

type SegmentModel = NonNullable<TrainedEnd["model"]>;
