import { batchSequence, evaluationBatches, gather, type EvaluationBatch } from "../../src/data/batches.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { hyperStepProgram } from "../../src/hypergrad/training-step.ts";
import {
  reverseHypergradient,
  storedTrajectory,
  unrolledPrograms,
  type Window,
} from "../../src/hypergrad/unrolled.ts";
import { plainLayers } from "../../src/nn/layer.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import type { Problem, Task } from "../../src/problem/problem.ts";
import { unconstrainedStart } from "../../src/space/space.ts";
import { evaluationPrograms } from "../../src/tuners/evaluate.ts";
import { evaluate } from "../../src/tuners/trace-point.ts";
import { hostScalar, hostVector } from "../../src/util/host-array.ts";
import { randomKey } from "../../src/util/random.ts";

/** How {@link unrolledRestarts} trains and tunes. */
export interface UnrolledRestartsOptions {
  /** Training steps from the start to the end, all of which are differentiated through. */
  readonly steps: number;
  readonly batchSize: number;
  /** Adam's step size of the weights. */
  readonly learningRate: number;
  /** Adam's step size of λ. */
  readonly hyperLearningRate: number;
  readonly evaluationBatchSize: number;
  readonly seed: number;
  /** Ends it at the next step, by an exception. */
  readonly signal: AbortSignal;
}

/** Where a training ended: losses at the λ that it was trained with, and λ itself, unconstrained: [size]. */
export interface Restart {
  readonly valid: number;
  readonly test: number;
  readonly hypers: Float64Array;
}

/**
 * Unrolled reverse-mode differentiation as the competitor of hyper-training's figure 5 (Maclaurin, Duvenaud and Adams 2015): train from
 * the same start, on the same minibatches, to the end with the current λ; the hypergradient of the loss of all validation data through
 * the whole training; one step of Adam of λ; and again. Yields the end of every training, before λ moves; stop listening to end it.
 *
 * Here the trajectory is stored, three numbers a weight and step, where theirs is run backwards: less work and more memory.
 */
export async function* unrolledRestarts(
  task: Task,
  engine: Engine,
  options: UnrolledRestartsOptions,
): AsyncGenerator<Restart, void> {
  const { start, ...hyper } = initialParts(task.problem, options.seed);
  const session = engine.open(programsOf(task.problem), { ...start, ...hyper }, "float32");
  const window = wholeTraining(task, options);
  const lossOf = async (part: "valid" | "test") =>
    (await evaluate(task, session, part, options.evaluationBatchSize)).loss;
  try {
    for (;;) {
      session.write(start);
      const carryAt = await storedTrajectory(session, window);
      const hypers = Float64Array.from((await session.read(["hypers"])).hypers.data);
      yield { hypers, valid: await lossOf("valid"), test: await lossOf("test") };
      const { hypers: gradient } = await reverseHypergradient(session, window, carryAt);
      await session.run("tune", { gradient, settings: settingsAt(options.hyperLearningRate) });
    }
  } finally {
    session.dispose();
  }
}

const optimizer = adam(); // of the weights and of λ

const settingsAt = (learningRate: number) => ({ learningRate: hostScalar(learningRate) });

const programsOf = (problem: Problem) => ({
  ...unrolledPrograms({ problem, optimizer }),
  tune: hyperStepProgram(optimizer),
  ...evaluationPrograms(problem, ({ params }) => plainLayers(params)),
});

/** What every training starts with, and what outlives it. */
function initialParts(problem: Problem, seed: number) {
  const params = problem.init(randomKey(seed, "params"));
  const hypers = hostVector(unconstrainedStart(problem.space));
  return {
    start: { params, optimizer: optimizer.init(params) },
    ...{ hypers, hypersOptimizer: optimizer.init(hypers) },
  };
}

/** All steps of a training, the same ones each time, which all validation data judges. */
function wholeTraining(
  { data }: Task,
  { steps, batchSize, learningRate, seed, signal }: UnrolledRestartsOptions,
): Window {
  const sequence = batchSequence(randomKey(seed, "train batches"), data.train.rows, batchSize);
  const [whole] = evaluationBatches(data.valid, data.valid.rows);
  return {
    ...{ from: 0, to: steps },
    inputsAt(step) {
      signal.throwIfAborted();
      return {
        ...{ batch: gather(data.train, sequence.rows(step)), noise: {} },
        settings: settingsAt(learningRate),
      };
    },
    validBatch: (whole as EvaluationBatch).fields, // the only one
  };
}
