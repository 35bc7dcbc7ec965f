import type { TracePoint } from "../api/trace.ts";
import type { RunEnd } from "../report/result.ts";
import type { Run, RunEvent } from "../tuners/run.ts";
import { writeCheckpoint, type Checkpoint, type Weights } from "./checkpoint.ts";
import { writeWhole } from "./disk.ts";
import type { RunFolder } from "./run-folder.ts";
import { appendTrace } from "./trace-file.ts";

/** How a recorded run ended. */
export interface RecordedRun extends RunEnd {
  /** The weights at the best point. */
  readonly weights: Weights;
  /** Whether any step was made; a finished run that is resumed makes none. */
  readonly advanced: boolean;
}

/** What recording needs from outside. */
export interface RecordOptions {
  readonly clock: { now(): number };
  /** Sees every event after it is on disk. */
  readonly watch: (event: RunEvent) => void;
}

/**
 * Trains to the end and keeps the folder so that a kill at any moment loses nothing but time: each trace point is on disk before
 * a checkpoint that has seen it.
 *
 * @param from the checkpoint that the run goes on from, as it is on disk
 */
export async function recordRun(
  run: Run,
  folder: RunFolder,
  from: Checkpoint | undefined,
  { clock, watch }: RecordOptions,
): Promise<RecordedRun> {
  let best = from?.best;
  let writtenBest = from?.best.step;
  let savedAt = clock.now();
  let pause = LEAST_PAUSE;
  let changed = false;
  let advanced = false;

  const bestAt = async ({ step }: TracePoint): Promise<Weights> => ({ step, params: await run.weights() });
  const save = async (): Promise<void> => {
    const begun = clock.now();
    const checkpoint = { snapshot: await run.snapshot(), best: best as Weights }; // set at the start
    await writeCheckpoint(folder.checkpoint, checkpoint, writtenBest);
    writtenBest = checkpoint.best.step;
    savedAt = clock.now();
    pause = Math.max(LEAST_PAUSE, 20 * (savedAt - begun));
    changed = false;
  };

  for await (const event of run.events()) {
    if (event.kind === "start" && !from) {
      // Not appended: a run killed before its first checkpoint has left this point already.
      await writeWhole(folder.metrics, `${JSON.stringify(event.trace)}\n`);
      best = await bestAt(event.trace);
      await save();
    }
    if (event.kind === "step") changed = advanced = true;
    if (event.kind === "epoch") {
      changed = true;
      await appendTrace(folder.metrics, event.trace);
      if (event.improved) best = await bestAt(event.trace);
      if (clock.now() - savedAt >= pause) await save();
    }
    if (event.kind === "end" && changed) await save();
    watch(event);
    if (event.kind === "end") {
      const { reason, final } = event;
      return { reason, best: event.best, final, weights: best as Weights, advanced };
    }
  }
  throw new Error("internal: a run must tell its end");
}

/** Milliseconds between two checkpoints; more where they are large, so that at most a twentieth of the time goes into them. */
const LEAST_PAUSE = 2000;
