import type { Engine, Session } from "../../src/engine/engine.ts";
import type { Task } from "../../src/problem/problem.ts";
import type { TunerPrograms } from "../../src/tuners/evaluate.ts";
import type { Host } from "../../src/tuners/host.ts";
import { endlessRun, type PreparedTuner, type Tuner } from "../../src/tuners/tuner.ts";
import type { HostArray } from "../../src/util/host-array.ts";

/** What works on a tuner's programs over whole data sets. */
export interface WholeSets {
  readonly prepared: PreparedTuner;
  readonly session: Session<TunerPrograms>;
  readonly host: Host;
}

/**
 * Opens a tuner in float64 on minibatches that are the whole data sets, as closed forms have them, and closes it behind the work.
 *
 * @param perturbation z of a training step or of a hyperparameter step: [1, size]
 */
export async function onWholeSets<T>(
  { engine, task, tuner }: { readonly engine: Engine; readonly task: Task; readonly tuner: Tuner },
  perturbation: (stream: "train" | "valid", index: number) => HostArray,
  work: (at: WholeSets) => Promise<T>,
): Promise<T> {
  const prepared = tuner.prepare(task, 0, endlessRun);
  const session = engine.open(prepared.programs, prepared.state, "float64");
  const host: Host = {
    stepsPerEpoch: 1,
    run: (program, inputs) => session.run(program, inputs),
    trainInputs: () => ({ batch: task.data.train.fields, noise: {} }),
    validBatch: () => task.data.valid.fields,
    perturbation,
  };
  try {
    return await work({ prepared, session, host });
  } finally {
    session.dispose();
  }
}
