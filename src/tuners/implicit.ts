import { gradientEvaluations } from "../hypergrad/hypergrad.ts";
import { implicitHypergradient, implicitPrograms, type Curvature } from "../hypergrad/implicit.ts";
import { conjugateGradient, type ConjugateGradientOptions } from "../hypergrad/solve/cg.ts";
import { identity } from "../hypergrad/solve/identity.ts";
import { neumann, type NeumannOptions } from "../hypergrad/solve/neumann.ts";
import type { LinearSolver } from "../hypergrad/solve/solver.ts";
import {
  hyperStepProgram,
  trainProgram,
  type HyperStepInputs,
  type HyperStepState,
} from "../hypergrad/training-step.ts";
import { plainLayers } from "../nn/layer.ts";
import type { ArrayTree, NoArrays, Program } from "../engine/engine.ts";
import { zerosLike } from "../nn/optim/optimizer.ts";
import { evaluationPrograms } from "./evaluate.ts";
import {
  initialState,
  reportedLosses,
  ratesAt,
  tuneInputs,
  withDefaults,
  type HypergradientOptions,
} from "./hypergradient-training.ts";
import { largestDecay } from "./largest-decay.ts";
import { trainingSettings } from "./settings.ts";
import { firstTuning, tuningStepsAfter } from "./rhythm.ts";
import { demandPlainExamples, demandTunable } from "./tunable.ts";
import { preparedTuner, type Tuner } from "./tuner.ts";

/**
 * How the implicit methods train: plainly, and after every `trainSteps` steps past the warm-up once along the implicit
 * hypergradient,
 *
 *     λ -= α2 ( ∂L_V/∂λ - L_T,λw q ),   q ≈ H^-1 ∂L_V/∂w,
 *
 * on the training minibatch of the step before. Exact only at a minimum of the training loss, so that the methods ask for
 * enough `trainSteps` to stay near it, and for curvature: a penalty on the weights gives some.
 */
export interface ImplicitOptions extends HypergradientOptions {
  /** Training steps between hyperparameter steps; default 2, in the preset `paper` 5, for `t1T2` 1. */
  readonly trainSteps?: number;
  /** What stands for H; default "gauss-newton" for `implicitCg`, "hessian" for `implicitNeumann`. `t1T2` has no use for it. */
  readonly curvature?: Curvature;
}

/** What tells one implicit method from another. */
export interface ImplicitMethod {
  readonly name: string;
  readonly solver: LinearSolver;
}

/**
 * Implicit differentiation by conjugate gradient, with the decreasing tolerances and warm starts of HOAG (Pedregosa
 * 2016).
 *
 * The most exact of the implicit methods. Each hyperparameter step costs one gradient and `iterations` products at most
 * and one more; the state holds one more vector of weights.
 *
 * It solves with the generalised Gauss-Newton matrix by default: the Hessian of a ReLU network bends downwards in some
 * direction that conjugate gradient meets within a few products, before which it ends with a residual longer than v. The
 * default of `damping` is 0.01 here, since the matrix is singular where units are dead or weights redundant, and an exact
 * solution may be a thousand times too large there; 0 is right for a strongly convex loss. `docs/how-to-choose.md` has the
 * figures.
 */
export const implicitCg = ({
  tolerance,
  iterations,
  damping = 0.01,
  warmStart,
  curvature = "gauss-newton",
  ...options
}: ImplicitOptions & ConjugateGradientOptions = {}): Tuner =>
  implicitGradient(
    {
      name: "implicit-cg",
      solver: conjugateGradient({
        ...(tolerance !== undefined && { tolerance }),
        ...(iterations !== undefined && { iterations }),
        ...(warmStart !== undefined && { warmStart }),
        damping,
      }),
    },
    { curvature, ...options },
  );

/**
 * Implicit differentiation by a Neumann series (Lorraine, Vicol and Duvenaud 2020): K - 1 Hessian products a
 * hyperparameter step.
 *
 * For many hyperparameters and networks too large for exact solutions.
 */
export const implicitNeumann = ({
  terms,
  step,
  learningRate = 0.03,
  ...options
}: ImplicitOptions & NeumannOptions = {}): Tuner =>
  implicitGradient(
    {
      name: "implicit-neumann",
      solver: neumann({ ...(terms !== undefined && { terms }), step: step ?? learningRate }),
    },
    { learningRate, ...options },
  );

/**
 * T1-T2 (Luketina et al. 2016): the inverse Hessian is the identity, a hyperparameter step follows every training step.
 *
 * The cheapest of all: one gradient and one product a hyperparameter step.
 */
export const t1T2 = ({ trainSteps = 1, ...options }: ImplicitOptions = {}): Tuner =>
  implicitGradient({ name: "t1-t2", solver: identity() }, { trainSteps, ...options });

/** Builds the tuner of one implicit method. */
export function implicitGradient(
  { name, solver }: ImplicitMethod,
  { trainSteps = 5, curvature = "hessian", ...options }: ImplicitOptions = {},
): Tuner {
  const settings = withDefaults(options);
  const rhythm = { ...settings, trainSteps, validSteps: 1 };
  return {
    name,
    prepare(task, seed) {
      demandPlainExamples(name, task);
      demandTunable(name, task);
      const { problem } = task;
      const state = initialState(task, settings, seed);
      return preparedTuner({
        state: { ...state, ...(solver.warmStart && { solution: zerosLike(state.params) }) },
        programs: {
          train: trainProgram({ problem, optimizer: settings.optimizer }),
          ...implicitPrograms(problem, curvature),
          tune: solvedStep(
            hyperStepProgram(settings.hyperOptimizer, largestDecay(task, settings.learningRate)),
          ),
          ...evaluationPrograms(problem, ({ params }) => plainLayers(params)),
        },
        tunesFrom: (stepsPerEpoch) => firstTuning(rhythm, stepsPerEpoch),
        learningRates: ratesAt(task, settings),
        async advance(host, step) {
          const train = await host.trainInputs(step);
          const trained = await host.run("train", {
            ...train,
            settings: trainingSettings(task, settings, step),
          });
          let evaluations = 1;
          for (const round of tuningStepsAfter(step, rhythm, host)) {
            const { hypers, solution, cost } = await implicitHypergradient(host, {
              train,
              validBatch: host.validBatch(round),
              solver,
              round,
            });
            await host.run("tune", {
              ...tuneInputs(settings, hypers),
              ...(solver.warmStart && { solution }),
            });
            evaluations += gradientEvaluations(cost);
          }
          return { ...reportedLosses(trained), gradientEvaluations: evaluations };
        },
      });
    },
  };
}

/** The solution from which the next solver starts, where it does. */
type Solution = { solution?: ArrayTree };

/** The hyperparameter step, which keeps the solution that it is fed. */
const solvedStep =
  (
    step: ReturnType<typeof hyperStepProgram>,
  ): Program<HyperStepState & Solution, HyperStepInputs & Solution, NoArrays> =>
  (state, { solution, ...inputs }) => {
    const [changed, outputs] = step(state, inputs);
    return [{ ...changed, ...(solution && { solution }) }, outputs];
  };
