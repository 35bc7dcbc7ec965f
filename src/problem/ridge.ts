import { numpy as np } from "@jax-js/jax";

import { linear } from "../nn/kinds/linear.ts";
import { real, type RealOptions } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { HostArray, hostZeros } from "../util/host-array.ts";
import type { Problem, Task } from "./problem.ts";
import { perturbationRules } from "../space/perturbation.ts";
import { isRecord } from "../util/record.ts";
import { ownOptions } from "../util/given.ts";
import { count, listOf, needed, number, optionsOf, type ValueRule } from "../util/rule.ts";

/** One part of a linear regression problem: X [rows][features] and y [rows]. */
export interface LinearData {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

/** A ridge regression as a bilevel problem. */
export interface RidgeOptions {
  readonly train: LinearData;
  readonly valid: LinearData;
  /** Where λ, the logarithm of the penalty's weight, starts; default 0. */
  readonly start?: number;
  /** How λ is perturbed. */
  readonly perturbation?: Pick<RealOptions, "scale" | "tuneScale" | "perturb">;
  /** How often every training row is repeated, so that one minibatch holds many perturbations; default 1. */
  readonly copies?: number;
}

type Perturbed = NonNullable<RidgeOptions["perturbation"]>;

const { scale, tuneScale, perturb } = perturbationRules;

const linearData: ValueRule<LinearData> = {
  must: "{ x, y }, a list of numbers and a number for each of its rows",
  holds: (value) =>
    isRecord(value) &&
    listOf(listOf(number()), 1).holds(value.x) &&
    listOf(number(), 1).holds(value.y) &&
    (value as unknown as LinearData).x.length === (value as unknown as LinearData).y.length, // lists, as was seen
};

/**
 * Ridge regression: min over λ of ½|X_V w* - y_V|², w* = argmin ½|X w - y|² + ½ e^λ |w|².
 *
 * The smallest problem with a closed form for everything (`testing/ridge-oracle.ts`). The model is the layer `w` with one output;
 * its bias stays at 0 if the columns of X and y have mean 0, which the closed forms assume.
 *
 * @throws {HypertrainError} for rows that are none, or an option that is none of these.
 */
export function ridge(options: RidgeOptions): Task {
  const {
    train,
    valid,
    start = 0,
    perturbation = {},
    copies = 1,
  } = ownOptions("ridge", options, {
    ...{ train: needed(linearData), valid: needed(linearData), start: number(), copies: count },
    perturbation: optionsOf<Perturbed>({ scale, tuneScale, perturb }),
  });
  const features = (train.x[0] as readonly number[]).length;
  const layer = linear({ name: "w", inputs: features, outputs: 1 });
  const problem: Problem = {
    name: "ridge",
    space: createSpace({ penalty: real(Math.exp(start), { log: true, ...perturbation }) }),
    noise: {},
    smooth: ["penalty"],
    layers: [layer],
    init: () => ({ w: { weight: hostZeros([features, 1]), bias: hostZeros([1]) } }),
    predict: (layers, { x }) => layers.apply(layer, x as np.Array), // [rows, 1]
    loss: (outputs, { y }) => halfSquares(outputs as np.Array, y as np.Array).mul(train.y.length),
    validLoss: (outputs, { y }) => halfSquares(outputs as np.Array, y as np.Array).mul(valid.y.length),
    penalty: (layers, { penalty }) =>
      layers
        .squaredNorm(layer)
        .mul(penalty as np.Array)
        .mul(0.5),
  };
  return { problem, data: { train: repeated(train, copies), valid: repeated(valid, 1) } };
}

/** ½ (prediction - y)² per row: [rows]. */
const halfSquares = (prediction: np.Array, y: np.Array): np.Array =>
  np.square(prediction.sub(y)).sum(1).mul(0.5);

/** Every row `copies` times, row after row, so that copy k of all rows can share one perturbation. */
const repeated = ({ x, y }: LinearData, copies: number) => {
  const rows = copies * y.length;
  const times = Array.from({ length: copies });
  return {
    rows,
    fields: {
      x: new HostArray(Float64Array.from(times.flatMap(() => x.flat())), [
        rows,
        (x[0] as readonly number[]).length,
      ]),
      y: new HostArray(Float64Array.from(times.flatMap(() => y)), [rows, 1]),
    },
  };
};
