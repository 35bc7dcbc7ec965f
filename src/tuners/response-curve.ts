import { rowsThatCount } from "../data/dataset.ts";
import { anEngine, aPrecision, type Engine, type OnHost, type Precision } from "../engine/engine.ts";
import { aTask, type Task } from "../problem/problem.ts";
import { naturalValues, type HyperValues } from "../space/space.ts";
import { hostVector, scalarOf, type HostTree } from "../util/host-array.ts";
import type { EvaluationInputs } from "./evaluate.ts";
import { overRows } from "./over-rows.ts";
import { needError } from "./need.ts";
import { aTuner, endlessRun, type Tuner } from "./tuner.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { count, flag, integer, named } from "../util/rule.ts";

/** What a learned response predicts at one λ. */
export interface ResponsePoint {
  /** The unconstrained hyperparameters: [size]. */
  readonly unconstrained: readonly number[];
  /** The same in natural units. */
  readonly hyperparameters: HyperValues;
  /** Mean training loss over all training rows, dropout off, and the penalty that training adds. */
  readonly train: { readonly loss: number; readonly penalty: number };
  readonly valid: { readonly loss: number };
  readonly test?: { readonly loss: number };
  /** The predicted weights, where they were asked for. */
  readonly weights?: HostTree;
}

/** Options of {@link responseCurve}. */
export interface ResponseCurveOptions {
  /** Default float32. */
  readonly precision?: Precision;
  /** Examples evaluated at once; default 512. */
  readonly evaluationBatchSize?: number;
  /** Whether the weights come with each point; default false. */
  readonly weights?: boolean;
  /** The seed of the run; default 0. */
  readonly seed?: number;
}

/**
 * The losses that a trained response predicts at any hyperparameters, without training again. Far from where the response was
 * trained the prediction is an extrapolation.
 *
 * @param state of a run of this task and tuner, for example `snapshot().state`
 * @param points unconstrained hyperparameters, [size] each
 * @throws {HypertrainError} for what is no task, tuner or engine, for an option that it does not have, and, from the points, for a tuner that learns no response.
 */
export function responseCurve(
  task: Task,
  tuner: Tuner,
  engine: Engine,
  state: Readonly<Record<string, HostTree>>,
  points: Iterable<ArrayLike<number>>,
  options: ResponseCurveOptions = {},
): AsyncGenerator<ResponsePoint, void> {
  demandGiven(
    "responseCurve",
    { task, tuner, engine, state },
    { task: aTask, tuner: aTuner, engine: anEngine, state: named("a state, of arrays") },
  );
  const { seed = 0, ...settings } = ownOptions("responseCurve", options, {
    ...{ precision: aPrecision, evaluationBatchSize: count, weights: flag, seed: integer(0) },
  });
  return predicted({ task, tuner, engine, state }, points, seed, settings);
}

/** What a response is asked of. */
interface Trained {
  readonly task: Task;
  readonly tuner: Tuner;
  readonly engine: Engine;
  readonly state: Readonly<Record<string, HostTree>>;
}

async function* predicted(
  { task, tuner, engine, state }: Trained,
  points: Iterable<ArrayLike<number>>,
  seed: number,
  { precision = "float32", evaluationBatchSize = 512, weights = false }: Omit<ResponseCurveOptions, "seed">,
): AsyncGenerator<ResponsePoint, void> {
  const { programs } = tuner.prepare(task, seed, endlessRun);
  if (!programs.respond) {
    throw needError(
      "respond",
      `a response curve must come from a method that learns a response, but ${tuner.name} learns none; train with a method that does`,
    );
  }
  const session = engine.open(programs, state, precision);
  try {
    for (const point of points) {
      const at = hostVector(point);
      const sums = async (part: "train" | "valid" | "test") => {
        const data = task.data[part];
        if (!data) return undefined;
        const total = { train: 0, valid: 0, penalty: 0 };
        const size = Math.min(evaluationBatchSize, data.rows);
        const run = (rows: OnHost<EvaluationInputs>) => session.run("respond", { at, ...rows });
        for await (const { train, valid, penalty } of overRows(task.problem, data, size, run)) {
          total.train += scalarOf(train);
          total.valid += scalarOf(valid);
          total.penalty = scalarOf(penalty);
        }
        const { models = 1 } = task.problem;
        return {
          train: total.train / rowsThatCount(data) / models,
          valid: total.valid / rowsThatCount(data),
          penalty: total.penalty / models,
        };
      };
      const train = (await sums("train")) as Sums; // a task has both
      const valid = (await sums("valid")) as Sums;
      const test = await sums("test");
      yield {
        unconstrained: Array.from(point),
        hyperparameters: naturalValues(task.problem.space, point),
        train: { loss: train.train, penalty: train.penalty },
        valid: { loss: valid.valid },
        ...(test && { test: { loss: test.valid } }),
        ...(weights && { weights: (await session.run("respondWeights", { at })).params }),
      };
    }
  } finally {
    session.dispose();
  }
}

interface Sums {
  readonly train: number;
  readonly valid: number;
  readonly penalty: number;
}
