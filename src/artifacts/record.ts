import type { TracePoint } from "../api/trace.ts";
import type { RunEnd } from "../report/run-facts.ts";
import { failedAt } from "../study/search-snapshot.ts";
import { aRun, type Run, type RunEvent } from "../tuners/run.ts";
import { aClock } from "../tuners/run-options.ts";
import { demandSnapshot, notFinite, type Snapshot } from "../tuners/snapshot.ts";
import { HypertrainError, workError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import type { RunLock } from "./lock.ts";
import { aRunFolder, type RunFolder } from "./run-folder.ts";
import { appendTrace, beginTrace, strikeTrace } from "./trace-file.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { functionOf, needed, objectWith, type Rules } from "../util/rule.ts";

/** How a recorded run ended. */
export interface RecordedRun extends RunEnd {
  /** The weights at the best point. */
  readonly weights: HostTree;
  /** Whether any step was made; a finished run that is resumed makes none. */
  readonly advanced: boolean;
  /** Why it ended, if it diverged, or no training of a search kept its bounds. */
  readonly failure?: HypertrainError;
}

/** What recording needs from outside. */
export interface RecordOptions {
  readonly clock: { now(): number };
  /** The snapshot that the run was created from, as it is on disk; none for a run that begins. */
  readonly from?: Snapshot | undefined;
  /** This process's right to the folder, which is looked after before every checkpoint. */
  readonly lock?: RunLock;
  /** Sees every event after it is on disk. */
  readonly watch?: (event: RunEvent) => void;
}

const recordRules: Rules<RecordOptions> = {
  clock: needed(aClock),
  from: objectWith<Snapshot>("a snapshot", { state: "object", progress: "object" }),
  lock: objectWith<RunLock>("a lock, such as await lockRunFolder(folder)", { demandHeld: "function" }),
  watch: functionOf("of an event"),
};

/**
 * Trains to the end and keeps the folder so that a kill at any moment loses nothing but time: each trace point is on disk before
 * a checkpoint that has seen it. A run that diverges after it has become better than its start ends with what was best.
 *
 * ```ts
 * const ended = await recordRun(run, folder, { clock: performance });
 * ```
 *
 * @param run one that keeps its best weights
 * @throws {HypertrainError} for what is no run, or an option that is none of these; for a run that diverges before, or a folder that cannot be written to.
 */
export async function recordRun(run: Run, folder: RunFolder, options: RecordOptions): Promise<RecordedRun> {
  demandGiven("recordRun", { run, folder }, { run: aRun, folder: aRunFolder });
  const { clock, from, lock, watch = () => {} } = ownOptions("recordRun", options, recordRules);
  let savedAt = clock.now();
  let pause = LEAST_PAUSE;
  let changed = false;
  let advanced = false;
  let best = from?.progress.best;
  let last = from?.progress.last;

  /** A state that is not finite is no place to go on from: the checkpoint before stays. */
  const save = async (): Promise<string | undefined> => {
    const begun = clock.now();
    const snapshot = await run.snapshot();
    const odd = notFinite(snapshot.state);
    if (odd !== undefined) return odd;
    await lock?.demandHeld();
    await writeCheckpoint(folder.checkpoint, snapshot);
    savedAt = clock.now();
    pause = Math.max(LEAST_PAUSE, 20 * (savedAt - begun));
    changed = false;
    return undefined;
  };
  const ended = async (end: RunEnd): Promise<RecordedRun> => ({
    ...end,
    failed: run.failed,
    weights: await run.weights("best"),
    advanced,
  });
  const failed = async (failure: HypertrainError): Promise<RecordedRun> => {
    if (!best || !last || best.step === 0) throw failure;
    const reason = best.unfit && best.trial?.measures ? "unfit" : "diverged"; // a search that has measures had trainings that did not diverge
    return { ...(await ended({ reason, best, final: last })), failure };
  };

  for await (const event of toFailure(run.events())) {
    if (event.kind === "failure") return failed(event.error);
    if (event.kind === "start" && !from) {
      best = last = event.trace;
      await beginTrace(folder.metrics, event.trace); // not appended: a run killed before its first checkpoint has left this point already
      await save();
    }
    if (event.kind === "step") changed = advanced = true;
    if (event.kind === "epoch") {
      changed = true;
      await appendTrace(folder.metrics, event.trace);
      last = event.trace;
      if (event.improved) best = event.trace;
      if (clock.now() - savedAt >= pause) await save();
    }
    if (event.kind === "failed") {
      best = event.best;
      changed = true;
      await strikeTrace(folder.metrics, event);
      await save();
    }
    if (event.kind === "end") {
      const odd = changed ? await save() : undefined;
      if (odd !== undefined) return failed(notFiniteError(odd, event.final));
    }
    watch(event);
    if (event.kind === "end") return ended(event);
  }
  throw new Error("internal: a run must tell its end");
}

/** What is known of a run that is ended where its checkpoint stands. @throws {HypertrainError} if its best weights were not kept. */
export function endedAt(snapshot: Snapshot): RecordedRun {
  demandSnapshot(snapshot);
  const { progress, best: weights } = snapshot;
  const { best, last } = progress;
  if (weights)
    return {
      reason: "stopped",
      best,
      final: last,
      failed: failedAt(snapshot),
      weights,
      advanced: false,
    };
  throw workError("a checkpoint must hold the best weights, but its run was one that does not keep them");
}

type Failure = { readonly kind: "failure"; readonly error: HypertrainError };

/** The events of a run, and in the end that it diverged, where it did. */
async function* toFailure(events: AsyncIterable<RunEvent>): AsyncGenerator<RunEvent | Failure, void> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        if (error instanceof HypertrainError && error.code === "work") return { failure: error };
        throw error;
      });
      if ("failure" in next) return yield { kind: "failure", error: next.failure };
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

const notFiniteError = (name: string, { step }: TracePoint): HypertrainError =>
  workError(
    `the whole state must stay finite, but ${name} is not at step ${step}; start again with a tenth of the learning rates, or with narrower ranges`,
  );

/** Milliseconds between two checkpoints; more where they are large, so that at most a twentieth of the time goes into them. */
const LEAST_PAUSE = 2000;
