import { tunedSettings } from "../hypergrad/optimizer-hypers.ts";
import { aTask, type Task } from "../problem/problem.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { flag, integer, needed } from "../util/rule.ts";

/** What a choice of a method goes by. */
export interface ProblemFacts {
  /** Hyperparameters, each element of one with a shape counted. */
  readonly hyperparameters: number;
  /** Whether some of them are choices or whole numbers, such as the architecture's: there is nothing to differentiate. */
  readonly discrete: boolean;
  /** Whether some of them are settings of the optimizer, such as its learning rate. */
  readonly ofOptimizer: boolean;
}

/** A method by the name that the command line gives it, and why it is that one. */
export interface MethodChoice {
  readonly method: "delta-stn" | "gp" | "tpe" | "hyperband" | "fixed";
  /** One sentence. */
  readonly why: string;
}

/**
 * The method to start with on a problem, by a rule whose evidence is in docs/how-to-choose.md: measured, not known to be the best.
 *
 * ```ts
 * methodFor(factsOf(task)).method; // "delta-stn" for dropout rates and weight decays
 * ```
 *
 * @throws {HypertrainError} for facts that are none, such as a task.
 */
export function methodFor(facts: ProblemFacts): MethodChoice {
  const { hyperparameters, discrete, ofOptimizer } = ownOptions("methodFor", facts, {
    ...{ hyperparameters: needed(integer(0)), discrete: needed(flag), ofOptimizer: needed(flag) },
  });
  const many = `${hyperparameters} hyperparameters`;
  if (hyperparameters === 0) return { method: "fixed", why: "there is no hyperparameter to tune" };
  if (discrete) {
    const why = "choices and whole numbers have no derivative";
    if (hyperparameters > MOST_FOR_GP) {
      return { method: "tpe", why: `${why}, and ${many} are too many for a Gaussian process` };
    }
    return { method: "gp", why: `${why}, and a Gaussian process needs the fewest trainings` };
  }
  if (ofOptimizer) {
    return {
      method: "hyperband",
      why: "what a learning rate does to all of training is told by trainings, and most can be stopped early",
    };
  }
  return { method: "delta-stn", why: `${many} of the training loss are tuned in one training` };
}

/** Hyperparameters up to which `gpSampler` is meant to be used. */
const MOST_FOR_GP = 20;

/** The facts of a task. @throws {HypertrainError} for what is none. */
export function factsOf(task: Task): ProblemFacts {
  demandGiven("factsOf", { task }, { task: aTask });
  const { space } = task.problem;
  return {
    hyperparameters: space.size,
    discrete: Object.values(space.hypers).some(({ kind }) => kind !== "real"),
    ofOptimizer: tunedSettings(task).length > 0,
  };
}
