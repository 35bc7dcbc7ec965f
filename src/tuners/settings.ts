import { elementAt, hyperOfSetting, tunedSettings } from "../hypergrad/optimizer-hypers.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import type { Schedule } from "../nn/optim/schedule.ts";
import type { Task } from "../problem/problem.ts";
import type { Hyper } from "../space/space.ts";
import { hostScalar, hostVector, type HostArray, type HostArrays } from "../util/host-array.ts";

/** An optimizer's settings as inputs of a program: its defaults with the step's learning rate. */
export const optimizerSettings = (optimizer: Optimizer, learningRate: number): HostArrays =>
  Object.fromEntries(
    Object.entries({ ...optimizer.defaults, learningRate }).map(([name, value]) => [name, hostScalar(value)]),
  );

/** How the weights are trained. */
export interface WeightTraining {
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  /** Factor on the learning rate by training step. */
  readonly schedule: Schedule;
  /** T: the steps that a setting which is a hyperparameter with a shape is spread over. */
  readonly scheduleSteps?: number;
}

/** What the weights' optimizer is fed at a step: its settings, or where one is tuned the factor on it. */
export function trainingSettings(
  { problem }: Task,
  { optimizer, learningRate, schedule, scheduleSteps = Infinity }: WeightTraining,
  step: number,
): HostArrays {
  const own: Readonly<Record<string, number>> = { ...optimizer.defaults, learningRate };
  const fed = Object.entries(own).map(([setting, value]): [string, HostArray] => {
    const factor = setting === "learningRate" ? schedule(step) : 1;
    const [, hyper] = hyperOfSetting(problem.space, setting) ?? [];
    return [setting, hyper ? factorOn(hyper, factor, step, scheduleSteps) : hostScalar(value * factor)];
  });
  return Object.fromEntries(fed);
}

/** The step size of the weights in force at a step, for messages; nothing where it is among the hyperparameters. */
export const weightRate = (
  task: Task,
  { learningRate, schedule }: WeightTraining,
  step: number,
): Readonly<Record<string, number>> =>
  tunedSettings(task).includes("learningRate") ? {} : { weights: learningRate * schedule(step) };

function factorOn(hyper: Hyper, factor: number, step: number, scheduleSteps: number): HostArray {
  const [elements] = hyper.kind === "choice" ? [] : hyper.shape;
  if (elements === undefined) return hostScalar(factor);
  const factors = new Float64Array(elements);
  factors[elementAt(step, elements, scheduleSteps)] = factor;
  return hostVector(factors);
}
