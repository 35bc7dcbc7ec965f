import type { TracePoint } from "../../src/api/trace.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import type { Task } from "../../src/problem/problem.ts";
import { createRun, type RunOptions, type Snapshot } from "../../src/tuners/run.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";

/** The part of a training that is made. */
export interface TrainedPart {
  /** Where it goes on; default: from the start. */
  readonly from?: Snapshot;
  /** The step at which it is stopped, even before the evaluation that falls due there; default: at its end. */
  readonly stopAt?: number;
}

/** Trains on the native engine, by a clock that stands still. */
export async function trained(
  task: Task,
  tuner: Tuner,
  options: RunOptions,
  { from, stopAt }: TrainedPart = {},
): Promise<{ readonly snapshot: Snapshot; readonly trace: readonly TracePoint[] }> {
  const clock = { now: () => 0 }; // one that moved would show in the trace
  const run = createRun(task, tuner, await onnxEngine({ threads: 1 }), options, { clock }, from);
  const trace: TracePoint[] = [];
  for await (const event of run.events()) {
    if (event.kind === "epoch") trace.push(event.trace);
    if (event.kind === "step" && event.step === stopAt) break;
  }
  const snapshot = await run.snapshot();
  run.dispose();
  return { snapshot, trace };
}
