import type { TracePoint } from "../api/trace.ts";
import type { Checkpoint, TrialRunner } from "../study/trial.ts";

/**
 * Trains a trial from a checkpoint to a number of epochs in all: its evaluations, and the new checkpoint.
 *
 * @throws {HypertrainError} where a loss is not finite.
 */
export async function trainTrial(
  runner: TrialRunner,
  from: Checkpoint,
  epochs: number,
): Promise<{ readonly trace: readonly TracePoint[]; readonly checkpoint: Checkpoint }> {
  const run = runner.open(from, epochs);
  try {
    const trace: TracePoint[] = [];
    for await (const event of run.events()) if (event.kind === "epoch") trace.push(event.trace);
    return { trace, checkpoint: { values: from.values, snapshot: await run.snapshot() } };
  } finally {
    run.dispose();
  }
}
