import type { Optimizer } from "../nn/optim/optimizer.ts";
import type { Task } from "../problem/problem.ts";
import { createSpace, type Hyper } from "../space/space.ts";
import { inputError } from "../util/error.ts";

const PREFIX = "optimizer.";

/** The hyperparameter that stands for a setting of the optimizer: `optimizer.learningRate`. */
export const settingHyper = (setting: string): string => `${PREFIX}${setting}`;

/**
 * A task whose hyperparameters include settings of the optimizer that trains it, such as its learning rate.
 *
 * The losses do not depend on them, only the path of training does: methods that differentiate through training steps can
 * tune them, any other says that it cannot. Each takes the place of the setting's own value; a schedule stays a factor on
 * it.
 *
 * ```ts
 * withOptimizerHypers(task, {
 *   learningRate: real(0.03, { low: 1e-4, high: 1, log: true }),
 *   momentum: real(0.9, { low: 0, high: 1 }), // with `heavyBall()`, which lists it as a setting
 * });
 * ```
 */
export function withOptimizerHypers(task: Task, settings: Readonly<Record<string, Hyper>>): Task {
  const added = Object.entries(settings).map(([setting, hyper]) => [settingHyper(setting), hyper]);
  const hypers = { ...task.problem.space.hypers, ...(Object.fromEntries(added) as Record<string, Hyper>) };
  return { ...task, problem: { ...task.problem, space: createSpace(hypers) } };
}

/** The task without them: what the losses see of it. */
export function withoutOptimizerHypers(task: Task): Task {
  const kept = Object.entries(task.problem.space.hypers).filter(([name]) => !name.startsWith(PREFIX));
  return { ...task, problem: { ...task.problem, space: createSpace(Object.fromEntries(kept)) } };
}

/** The settings that are hyperparameters of a task. */
export const tunedSettings = ({ problem }: Task): string[] =>
  problem.space.names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));

/**
 * Demands that an optimizer can be fed every setting that a task tunes, one number each.
 *
 * @throws {HypertrainError} with the settings that it has.
 */
export function demandSettings(task: Task, { name, settings }: Optimizer): void {
  for (const setting of tunedSettings(task)) {
    if (!settings.includes(setting)) {
      throw inputError(
        `a hyperparameter of the optimizer must be one of its settings (${settings.map(settingHyper).join(", ")} of ${name}), but got "${settingHyper(setting)}"; leave it out, or use an optimizer that is fed it, as heavyBall is its momentum`,
      );
    }
    const hyper = task.problem.space.hypers[settingHyper(setting)] as Hyper;
    if (!(hyper.kind === "real" && hyper.shape.length === 0)) {
      throw inputError(
        `a setting of the optimizer must be one real number, but "${settingHyper(setting)}" is not; make it real() without a shape`,
      );
    }
  }
}
