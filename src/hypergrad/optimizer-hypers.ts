import type { Optimizer } from "../nn/optim/optimizer.ts";
import { aTask, type Task } from "../problem/problem.ts";
import { demandNatural, type NaturalRange } from "../space/natural-range.ts";
import { createSpace, type Hyper, type Space } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import { aHyper } from "../space/values.ts";
import { demandGiven } from "../util/given.ts";
import { byName, text } from "../util/rule.ts";

/** A hyperparameter that says which setting of the optimizer it stands for. */
type SettingHyper = Hyper & { readonly setting: string };

/** What a setting's hyperparameter is called unless it is given a name: `optimizer.learningRate`. */
const nameOf = (setting: string): string => `optimizer.${setting}`;

/**
 * A task whose hyperparameters include settings of the optimizer that trains it, such as its learning rate.
 *
 * The losses do not depend on them, only the path of training does: methods that differentiate through training steps can
 * tune them, searches can, any other method says that it cannot. Each takes the place of the setting's own value; a
 * schedule stays a factor on it.
 *
 * ```ts
 * withOptimizerHypers(task, {
 *   learningRate: real(0.03, { low: 1e-4, high: 1, log: true }),
 *   momentum: real(0.9, { low: 0, high: 1 }), // with `heavyBall()`, which lists it as a setting
 * });
 * ```
 *
 * One with the shape [K] is a schedule of its own (Maclaurin, Duvenaud and Adams 2015, who tune one learning rate and one
 * momentum for each step): of T training steps, the tuner's `scheduleSteps`, step t uses element `floor(t K / T)`.
 *
 * @param names what they are called, by setting; default `optimizer.SETTING`
 * @see Maclaurin, Duvenaud and Adams, "Gradient-based hyperparameter optimization through reversible learning", 2015,
 *   https://arxiv.org/abs/1502.03492
 * @throws {HypertrainError} for what is no task or no hyperparameter, or one whose range leaves what its setting means.
 */
export function withOptimizerHypers(
  task: Task,
  settings: Readonly<Record<string, Hyper>>,
  names: Readonly<Record<string, string>> = {},
): Task {
  demandGiven(
    "withOptimizerHypers",
    { task, settings, names },
    { task: aTask, settings: byName(aHyper), names: byName(text) },
  );
  const added = Object.entries(settings).map(([setting, hyper]): [string, Hyper] => {
    const name = names[setting] ?? nameOf(setting);
    demandNatural(name, natural[setting], hyper);
    const marked: SettingHyper = { ...hyper, setting };
    return [name, marked];
  });
  const hypers = { ...task.problem.space.hypers, ...Object.fromEntries(added) };
  return { ...task, problem: { ...task.problem, space: createSpace(hypers) } };
}

/** What the optimizers' known settings must lie in. */
const natural: Readonly<Partial<Record<string, NaturalRange>>> = {
  learningRate: { low: 0, high: Infinity },
  momentum: { low: 0, high: 1 },
};

/** The task without them: what the losses see of it. */
export function withoutOptimizerHypers(task: Task): Task {
  const kept = Object.entries(task.problem.space.hypers).filter(
    ([, hyper]) => settingOf(hyper) === undefined,
  );
  return { ...task, problem: { ...task.problem, space: createSpace(Object.fromEntries(kept)) } };
}

/** The settings that are hyperparameters of a task. */
export const tunedSettings = ({ problem }: Task): string[] =>
  Object.values(problem.space.hypers).flatMap((hyper) => settingOf(hyper) ?? []);

/** The name and the hyperparameter that stand for a setting, where one does. */
export const hyperOfSetting = (
  { hypers }: Space,
  setting: string,
): readonly [name: string, hyper: Hyper] | undefined =>
  Object.entries(hypers).find(([, hyper]) => settingOf(hyper) === setting);

const settingOf = (hyper: Hyper): string | undefined => (hyper as Partial<SettingHyper>).setting;

/** The element of a schedule of K elements that training step `step` uses, T steps being spread over it again and again. */
export const elementAt = (step: number, elements: number, scheduleSteps: number): number =>
  Math.floor(((step % scheduleSteps) * elements) / scheduleSteps);

/**
 * Demands that an optimizer can be fed every setting that a task tunes: one real number each, or a schedule.
 *
 * @param scheduleSteps T, the training steps that a schedule is spread over, where the tuner knows them
 * @throws {HypertrainError} with the settings that it has, or with what a schedule lacks.
 */
export function demandSettings(task: Task, { name, settings }: Optimizer, scheduleSteps?: number): void {
  for (const setting of tunedSettings(task)) {
    const [called, hyper] = hyperOfSetting(task.problem.space, setting) as [string, Hyper]; // it is one of them
    if (!settings.includes(setting)) {
      throw inputError(
        `a hyperparameter of the optimizer must be one of its settings (${settings.join(", ")} of ${name}), but "${called}" is its ${setting}; leave it out, or use an optimizer that is fed it, as heavyBall (sgd of the command line) is its momentum`,
      );
    }
    if (!(hyper.kind === "real" && hyper.shape.length <= 1)) {
      throw inputError(
        `a setting of the optimizer must be one real number or a list of them, but "${called}" is not; make it real(), with the shape [K] for a schedule of K elements`,
      );
    }
    const [elements] = hyper.shape;
    if (elements === undefined || elements <= (scheduleSteps ?? 0)) continue;
    throw inputError(
      `a schedule must have at most one element for each of its training steps, but "${called}" has ${elements} for ${scheduleSteps ?? "an unknown number of"} steps; give scheduleSteps, the steps that it is spread over`,
    );
  }
}
