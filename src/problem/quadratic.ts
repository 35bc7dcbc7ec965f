import { numpy as np } from "@jax-js/jax";

import { real, type RealOptions } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { hostZeros } from "../util/host-array.ts";
import type { Problem, Task } from "./problem.ts";
import { perturbationRules } from "../space/perturbation.ts";
import { ownOptions } from "../util/given.ts";
import { listOf, needed, number, optionsOf } from "../util/rule.ts";

/** A bilevel problem of quadratic forms. */
export interface QuadraticOptions {
  /** A, symmetric and positive definite: [weights][weights]. */
  readonly curvature: readonly (readonly number[])[];
  /** B, how hyperparameters and weights meet: [hyperparameters][weights]. */
  readonly coupling: readonly (readonly number[])[];
  /** c: [weights]. */
  readonly linear: readonly number[];
  /** t, the weights that validation asks for: [weights]. */
  readonly target: readonly number[];
  /** Start of every hyperparameter; default 0. */
  readonly start?: number;
  /** How the hyperparameters are perturbed, once a minibatch. */
  readonly perturbation?: Pick<RealOptions, "scale" | "tuneScale">;
}

type Perturbed = NonNullable<QuadraticOptions["perturbation"]>;

const { scale, tuneScale } = perturbationRules;
const matrix = listOf(listOf(number(), 1), 1);

/**
 * The quadratic bilevel problem: L_T = ½ w'A w + λ'B w + c'w, L_V = ½ |w - t|².
 *
 * Its best response is affine, w*(λ) = -A^-1 (B'λ + c), so that a dense affine response finds it exactly at every width of the
 * perturbations. An opaque problem without data: the parameters are one vector `w`, the hyperparameters one vector `lambda`.
 *
 * @throws {HypertrainError} for matrices that are none, or an option that is none of these.
 */
export function quadratic(options: QuadraticOptions): Task {
  const {
    curvature,
    coupling,
    linear,
    target,
    start = 0,
    perturbation = {},
  } = ownOptions("quadratic", options, {
    ...{ curvature: needed(matrix), coupling: needed(matrix) },
    ...{ linear: needed(listOf(number(), 1)), target: needed(listOf(number(), 1)), start: number() },
    perturbation: optionsOf<Perturbed>({ scale, tuneScale }),
  });
  const constant = (values: unknown, like: np.Array) => np.array(values as number[], { dtype: like.dtype });
  const problem: Problem = {
    name: "quadratic",
    space: createSpace({
      lambda: real(start, { shape: [coupling.length], perturb: "minibatch", ...perturbation }),
    }),
    noise: {},
    smooth: ["lambda"],
    init: () => ({ w: hostZeros([linear.length]) }),
    predict: (layers) => (layers.params() as { w: np.Array }).w, // [weights]
    loss(outputs, _batch, { lambda }) {
      const w = outputs as np.Array;
      const bent = np.matmul(constant(curvature, w), w.ref).mul(0.5);
      const pull = np
        .matmul((lambda as np.Array).reshape([-1]), constant(coupling, w))
        .add(constant(linear, w));
      return w.mul(bent.add(pull)).sum(0, { keepdims: true }); // [1]
    },
    validLoss: (outputs) => {
      const w = outputs as np.Array;
      const wanted = constant(target, w);
      return np.square(w.sub(wanted)).sum(0, { keepdims: true }).mul(0.5); // [1]
    },
  };
  const nothing = { rows: 1, fields: {} };
  return { problem, data: { train: nothing, valid: nothing } };
}
