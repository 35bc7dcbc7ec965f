import type { TracePoint } from "../../src/api/trace.ts";
import type { Task } from "../../src/problem/problem.ts";
import { createSearch } from "../../src/search/ask-tell.ts";
import type { Sampler } from "../../src/search/sampler.ts";
import { toUnconstrained, type HyperValues, type Space } from "../../src/space/space.ts";
import { sessionPool } from "../../src/study/session-pool.ts";
import { createRun } from "../../src/tuners/run.ts";
import { endlessRun, type Tuner } from "../../src/tuners/tuner.ts";
import { hostVector } from "../../src/util/host-array.ts";
import type { Setting } from "../reproduction.ts";
import { processorClock } from "./processor-clock.ts";
import { unrolledRestarts, type UnrolledRestartsOptions } from "./unrolled-restarts.ts";

/** Where a method stood: mean losses over the data, training steps of the model and processor seconds so far. */
export interface Point {
  readonly step: number;
  readonly seconds: number;
  readonly valid: number;
  readonly test: number;
  /** Mean and standard deviation of the current λ_i, or of the best trial's. */
  readonly mean: number;
  readonly spread: number;
}

/** What a method is given; the first that is spent ends it, after the evaluation or the trial under way. */
export interface Budget {
  readonly seconds: number;
  readonly steps: number;
}

/** What all curves have in common. */
export interface CurveOptions {
  readonly budget: Budget;
  readonly batchSize: number;
  /** Steps from one point of a training run to the next. */
  readonly evaluateEvery: number;
}

const EVALUATION_BATCH = 1000;

/** One training run with the losses of its current weights. Its seconds leave evaluations out. */
export async function trainingCurve(
  { engine, seed, signal }: Setting,
  task: Task,
  tuner: Tuner,
  { budget, batchSize, evaluateEvery }: CurveOptions,
): Promise<Point[]> {
  const epochs = (budget.steps * batchSize) / task.data.train.rows;
  const options = { epochs, batchSize, evaluateEvery, evaluationBatchSize: EVALUATION_BATCH, seed };
  const started = processorClock.now();
  const run = createRun(task, tuner, engine, options, { clock: processorClock, signal });
  const points: Point[] = [];
  let last = started;
  let evaluating = 0;
  try {
    for await (const event of run.events()) {
      const now = processorClock.now();
      if (event.kind === "start" || event.kind === "epoch") evaluating += now - last;
      last = now;
      if (event.kind !== "epoch") continue;
      points.push(pointOf(event.trace, (now - started - evaluating) / 1000, event.trace.step));
      if (spent(points, budget)) break;
    }
    signal.throwIfAborted();
  } finally {
    run.dispose();
  }
  return points;
}

/** How {@link searchCurve} searches. */
export interface SearchOptions {
  readonly sampler: Sampler;
  /** What is searched: the hyperparameters of the task with ranges. */
  readonly space: Space;
  /** Training steps of a trial. */
  readonly trialSteps: number;
}

/**
 * A search that trains every trial from the same start for `trialSteps`, one point a trial: the losses of the trial that is best on
 * validation data so far. Its seconds hold the sampler's.
 */
export async function searchCurve(
  setting: Setting,
  task: Task,
  tuner: Tuner,
  { sampler, space, trialSteps }: SearchOptions,
  { budget, batchSize }: Omit<CurveOptions, "evaluateEvery">,
): Promise<Point[]> {
  const pool = sessionPool(setting.engine); // programs are compiled once
  const prepared = tuner.prepare(task, setting.seed, endlessRun);
  const heldAt = (values: HyperValues): Tuner => ({
    name: tuner.name,
    prepare: () => ({
      ...prepared,
      state: { ...prepared.state, hypers: hostVector(toUnconstrained(task.problem.space, values)) },
    }),
  });
  const trial = { budget: { seconds: Infinity, steps: trialSteps }, batchSize, evaluateEvery: trialSteps };
  const search = createSearch(space, sampler, { seed: setting.seed });
  const points: Point[] = [];
  try {
    while (!spent(points, budget)) {
      const asked = processorClock.now();
      const { number, values } = search.ask();
      const asking = (processorClock.now() - asked) / 1000;
      const curve = await trainingCurve({ ...setting, engine: pool.engine }, task, heldAt(values), trial);
      const point = curve.at(-1) as Point; // a trial ends with an evaluation
      search.tell(number, point.valid);
      const before = points.at(-1);
      const best = before && before.valid <= point.valid ? before : point;
      const seconds = (before?.seconds ?? 0) + asking + point.seconds;
      points.push({ ...best, seconds, step: trialSteps * (number + 1) });
    }
  } finally {
    pool.dispose();
  }
  return points;
}

/** Unrolled differentiation with a point for every training from the start. Its seconds hold those of evaluations. */
export async function unrolledCurve(
  { engine, signal }: Setting,
  task: Task,
  options: Omit<UnrolledRestartsOptions, "signal">,
  budget: Budget,
): Promise<Point[]> {
  const started = processorClock.now();
  const points: Point[] = [];
  for await (const { valid, test, hypers } of unrolledRestarts(task, engine, { ...options, signal })) {
    const seconds = (processorClock.now() - started) / 1000;
    points.push({ step: options.steps * (points.length + 1), seconds, valid, test, ...momentsOf(hypers) });
    if (spent(points, budget)) break;
  }
  return points;
}

const spent = (points: readonly Point[], { seconds, steps }: Budget): boolean => {
  const last = points.at(-1);
  return last !== undefined && (last.seconds >= seconds || last.step >= steps);
};

const pointOf = ({ valid, test, hyperparameters }: TracePoint, seconds: number, step: number): Point => ({
  ...{ step, seconds, valid: valid.loss },
  test: test?.loss as number, // MNIST has a test part
  ...momentsOf((hyperparameters.l2?.value as readonly number[]).map(Math.log)),
});

function momentsOf(values: ArrayLike<number>): { mean: number; spread: number } {
  const of = (f: (value: number) => number) =>
    Array.from(values, f).reduce((sum, term) => sum + term, 0) / values.length;
  const mean = of((value) => value);
  return { mean, spread: Math.sqrt(of((value) => (value - mean) ** 2)) };
}
