import { gatherFields } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import { minibatchOrder, streamLength } from "../data/order.ts";
import type { Session } from "../engine/engine.ts";
import type { Task } from "../problem/problem.ts";
import { hostScalar, type HostArrays } from "../util/host-array.ts";
import { streamKey, type RandomKey } from "../util/random.ts";
import type { TunerPrograms } from "./evaluate.ts";
import type { Host, StreamName } from "./host.ts";
import { drawNoise, drawPerturbation } from "./noise.ts";
import { oneAhead } from "./one-ahead.ts";
import type { RunSettings } from "./run-options.ts";
import type { PreparedTuner } from "./tuner.ts";
import { augmentedInputs, viewsAhead } from "./views.ts";

/** What a tuner asks of its run: minibatches, noise and perturbations, the next ones drawn while the engine works. */
export function runHost(
  { problem, data }: Task,
  session: Session<TunerPrograms>,
  settings: RunSettings & Pick<PreparedTuner, "perMinibatch">,
  stands: Required<Pick<Host, "began" | "warmedUp" | "rateFactor">>,
): Host {
  const { seed, batchSize, validBatchSize, stepsPerEpoch, perMinibatch = false } = settings;
  const lengths: Record<StreamName, number> = {
    train: streamLength(data.train.rows, batchSize),
    valid: streamLength(data.valid.rows, validBatchSize),
  };
  const trainBatch = minibatches(data.train, streamKey(seed, "train batches"), batchSize);
  const inputsOf = (step: number) => ({
    batch: trainBatch(step),
    noise: drawNoise(problem.noise, seed, step, batchSize),
  });
  const rowsOf = { train: batchSize, valid: validBatchSize };
  const perturbation: Host["perturbation"] = (stream, index) =>
    drawPerturbation(problem.space, seed, stream, index, perMinibatch ? 1 : rowsOf[stream]);
  const host = {
    stepsPerEpoch,
    ...stands,
    validBatch: minibatches(data.valid, streamKey(seed, "valid batches"), validBatchSize),
    perturbation,
    continues: (stream: StreamName, index: number) =>
      problem.rowStates && { continues: hostScalar(index % lengths[stream] === 0 ? 0 : 1) },
  };
  const { augmentation } = problem;
  if (augmentation) {
    const viewed = viewsAhead(session, (step, point, wanted) =>
      augmentedInputs(
        {
          ...{ problem, augmentation, seed, step, trainRows: data.train.rows, ...inputsOf(step) },
          perturbation: perturbation("train", step),
        },
        point,
        wanted,
      ),
    );
    return { ...host, ...viewed };
  }
  const trainInputs = oneAhead(inputsOf);
  return {
    ...host,
    run(program, inputs) {
      const running = session.run(program, inputs);
      trainInputs.prepare(); // while the engine works
      return running;
    },
    trainInputs: trainInputs.take,
  };
}

/** The fields of every minibatch; the same arrays each time where one holds all rows, so that an engine may keep them. */
function minibatches(data: Dataset, key: RandomKey, size: number): (index: number) => HostArrays {
  if (size === data.rows) {
    let whole: HostArrays | undefined;
    return () =>
      (whole ??= gatherFields(
        data,
        Uint32Array.from({ length: size }, (_, row) => row),
      ));
  }
  const sequence = minibatchOrder(data, key, size);
  return (index) => gatherFields(data, sequence.rows(index));
}
