import { tree, type numpy as np } from "@jax-js/jax";

import type { ArrayTree, Program, ProgramState } from "../engine/engine.ts";
import type { Problem } from "../problem/problem.ts";
import {
  flattened,
  inStructure,
  hostVector,
  scalarOf,
  type HostArray,
  type HostTree,
} from "../util/host-array.ts";
import { plusScaled } from "./flat.ts";
import type { Hypergradient, ProgramRunner, TrainInputs } from "./hypergrad.ts";
import { gaussNewtonProduct, hessianProduct, mixedProduct } from "./second-order.ts";
import type { LinearSolver } from "./solve/solver.ts";
import { validGradientProgram } from "./training-step.ts";

/** What stands for H: the Hessian itself, or the generalised Gauss-Newton matrix, which has no negative curvature. */
export type Curvature = "hessian" | "gauss-newton";

const products = { hessian: hessianProduct, "gauss-newton": gaussNewtonProduct } satisfies Record<
  Curvature,
  typeof hessianProduct
>;

/**
 * The programs of the implicit methods, over a state with `params` and `hypers` and, where the solver starts warm,
 * `solution`:
 *
 * - `validGradient`: v = ∂L_V/∂w and the direct ∂L_V/∂λ;
 * - `curvatureProduct`: H p of a fed vector p on a training minibatch;
 * - `mixedProduct`: L_T,λw q of a fed vector q.
 */
export const implicitPrograms = (
  problem: Problem,
  curvature: Curvature = "hessian",
): Readonly<Record<"validGradient" | "curvatureProduct" | "mixedProduct", Program>> => ({
  validGradient: (state, inputs) => {
    const [, outputs] = validGradientProgram(problem)(state, inputs);
    return [{}, "solution" in state ? { ...outputs, start: state.solution as ArrayTree } : outputs];
  },
  curvatureProduct: ({ params, hypers }, inputs) => [
    {},
    {
      product: products[curvature](
        problem,
        params as ArrayTree,
        hypers as np.Array,
        vectorOf(inputs),
        inputs,
      ),
    },
  ],
  mixedProduct: ({ params, hypers }, inputs) => [
    {},
    { product: mixedProduct(problem, params as ArrayTree, hypers as np.Array, vectorOf(inputs), inputs) },
  ],
});

const vectorOf = ({ vector }: ProgramState): ArrayTree => tree.ref(vector as ArrayTree);

/** What an implicit hypergradient is taken on. */
export interface ImplicitInputs {
  /** The training minibatch of all products of this hypergradient, with its noise. */
  readonly train: TrainInputs;
  readonly validBatch: HostTree;
  readonly solver: LinearSolver;
  /** Which hyperparameter step this is, from 0. */
  readonly round: number;
}

/**
 * The implicit hypergradient at the current weights, taken as a minimum of the training loss:
 *
 *     dL_V/dλ = ∂L_V/∂λ - L_T,λw q,   q ≈ H^-1 v,   v = ∂L_V/∂w.
 *
 * Exact where ∇_w L_T = 0 and the solver is; away from it the error is of the order of |∇_w L_T| (Pedregosa 2016, theorem
 * 1). It knows nothing of the path of training, so that learning rates have no hypergradient. Cost: one gradient and the
 * solver's products and one more; memory: a few vectors of the weights' size, independent of the number of steps.
 */
export async function implicitHypergradient(
  session: ProgramRunner,
  { train, validBatch, solver, round }: ImplicitInputs,
): Promise<Hypergradient & { readonly solution: HostTree }> {
  const valid = await session.run("validGradient", { batch: validBatch });
  const weights = valid.params as HostTree;
  const multiplied = async (program: string, vector: Float64Array): Promise<Float64Array> => {
    const outputs = await session.run(program, { ...train, vector: inStructure(weights, vector) });
    return flattened(outputs.product as HostTree);
  };
  const { solution, products } = await solver.solve(
    (vector) => multiplied("curvatureProduct", vector),
    flattened(weights),
    round,
    valid.start && flattened(valid.start),
  );
  const through = await multiplied("mixedProduct", solution);
  return {
    hypers: hostVector(plusScaled(flattened(valid.hypers as HostTree), through, -1)),
    loss: scalarOf(valid.loss as HostArray),
    cost: { gradients: 1, products: products + 1 },
    solution: inStructure(weights, solution),
  };
}
