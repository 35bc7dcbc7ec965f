import type { numpy as np } from "@jax-js/jax";

import { gatherFields } from "../data/batches.ts";
import type { ArrayTree, Engine, Precision, Program } from "../engine/engine.ts";
import { plainLayers } from "../nn/layer.ts";
import type { Batch, Problem, Task } from "../problem/problem.ts";
import { naturalArrays, startValues, toUnconstrained, type HyperValues } from "../space/space.ts";
import { hostVector, leavesOf, sizeOf } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";
import { middleOf } from "../util/statistics.ts";

/** What a search may follow of a network apart from what it learnt. */
export interface NetworkFacts {
  /** How many weights it has. */
  readonly parameters?: number;
  /** Seconds in which it answers for a batch. */
  readonly latency?: number;
}

/** How latency is measured: on so many rows of the validation part. */
export interface LatencyOptions {
  readonly engine: Engine;
  readonly clock: { now(): number };
  readonly batchSize: number;
  readonly precision: Precision;
}

/**
 * What the network of a problem is at these values, alone; nothing where no hyperparameter changes it. While it is searched it shares the
 * computations of the largest, so that its latency is that of a program of its own.
 *
 * @param latency how to measure its latency; without it that is left out
 */
export async function networkAt(
  { problem, data }: Task,
  values: Readonly<HyperValues>,
  latency?: LatencyOptions,
): Promise<NetworkFacts> {
  const alone = problem.architecture?.alone(values);
  if (!alone) return {};
  const params = alone.init(randomKey(0, "parameters"));
  const parameters = leavesOf(params).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
  if (!latency) return { parameters };
  const { engine, batchSize, precision } = latency;
  const { space } = alone;
  const hypers = hostVector(toUnconstrained(space, startValues(space)));
  const session = engine.open(
    { predict: predictionOf(alone) },
    { params, ...(space.size > 0 && { hypers }) },
    precision,
  );
  try {
    const rows = Uint32Array.from({ length: Math.min(batchSize, data.valid.rows) }, (_, row) => row);
    const batch = gatherFields(data.valid, rows);
    return { parameters, latency: await timeOf(() => session.run("predict", { batch }), latency) };
  } finally {
    session.dispose();
  }
}

/** Outputs of a batch as whoever uses the trained network asks for them. */
const predictionOf =
  ({
    predict,
    space,
  }: Problem): Program<{ params: ArrayTree; hypers?: np.Array }, { batch: Batch }, { outputs: ArrayTree }> =>
  ({ params, hypers }, { batch }) => {
    const values = hypers ? naturalArrays(space, hypers.ref.reshape([1, -1])) : {};
    return [{}, { outputs: predict(plainLayers(params), batch, values, {}, "eval") }];
  };

/** Runs that count, and those before them at least and at most, which compile and warm up the engine's own code for so many milliseconds. */
const COUNTED = 31;
const WARM = { least: 3, most: 2000, milliseconds: 200 };

/** The median time, in seconds: other work on the machine makes some runs long, and none short. */
async function timeOf(run: () => Promise<unknown>, { clock }: LatencyOptions): Promise<number> {
  const began = clock.now();
  for (let i = 0; i < WARM.most; i++) {
    if (i >= WARM.least && clock.now() - began > WARM.milliseconds) break;
    await run();
  }
  const times: number[] = [];
  for (let i = 0; i < COUNTED; i++) {
    const before = clock.now();
    await run();
    times.push((clock.now() - before) / 1000);
  }
  return middleOf(times).median;
}
