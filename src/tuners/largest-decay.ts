import { numpy as np } from "@jax-js/jax";

import { tunedSettings } from "../hypergrad/optimizer-hypers.ts";
import type { Task } from "../problem/problem.ts";
import { blocksOf } from "../space/space.ts";
import { transformOf } from "../space/transform.ts";

/** Hyperparameters behind a step as far as they may go: [size], consumed. */
export type HeldHypers = (hypers: np.Array) => np.Array;

/**
 * Holds a weight decay λ without an upper end at 1/η, η the learning rate. A step of gradient descent multiplies its weights by 1 - ηλ: at 1/η it makes them 0, and
 * behind 2/η they grow without end, with a momentum of .9 behind 3.8/η. A validation loss that is lowest without these weights would lead there.
 */
export function largestDecay(task: Task, learningRate: number): HeldHypers {
  const held = decaysWithEnd(task, learningRate);
  if (held.length === 0) return (hypers) => hypers;
  const most = blocksOf(task.problem.space).flatMap(({ name, hyper, width }) =>
    Array<number>(width).fill(held.includes(name) ? transformOf(hyper).inverse(1 / learningRate) : Infinity),
  );
  return (hypers) => {
    const ends = np.array(most, { dtype: hypers.dtype });
    return np.where(np.greater(hypers.ref, ends.ref), ends, hypers); // one that is NaN stays so
  };
}

/** The weight decays that are held at 1 / learning rate: those without an upper end that start below it, unless the learning rate is tuned itself. */
export function decaysWithEnd(task: Task, learningRate: number): readonly string[] {
  const { space, decays = [] } = task.problem;
  if (decays.length === 0 || tunedSettings(task).includes("learningRate")) return [];
  return Object.entries(space.hypers).flatMap(([name, hyper]) =>
    decays.includes(name) &&
    hyper.kind === "real" &&
    hyper.high === undefined &&
    hyper.start < 1 / learningRate
      ? [name]
      : [],
  );
}
