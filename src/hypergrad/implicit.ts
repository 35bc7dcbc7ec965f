import { tree, type numpy as np } from "@jax-js/jax";

import type { ArrayTree, Program, ProgramRunner } from "../engine/engine.ts";
import type { Batch, Problem } from "../problem/problem.ts";
import {
  flattened,
  inStructure,
  hostVector,
  scalarOf,
  type HostArrays,
  type HostTree,
} from "../util/host-array.ts";
import { plusScaled } from "./flat.ts";
import type { Hypergradient, TrainInputs } from "./hypergrad.ts";
import { gaussNewtonProduct, hessianProduct, mixedProduct } from "./second-order.ts";
import type { LinearSolver } from "./solve/solver.ts";
import { validGradientProgram, type LossInputs, type TrainingState } from "./training-step.ts";

/** What stands for H: the Hessian itself, or the generalised Gauss-Newton matrix, which has no negative curvature. */
export type Curvature = "hessian" | "gauss-newton";

const products = { hessian: hessianProduct, "gauss-newton": gaussNewtonProduct } satisfies Record<
  Curvature,
  typeof hessianProduct
>;

/** The state of the implicit methods; `solution` where the solver starts warm. */
type ImplicitState = Pick<TrainingState, "params" | "hypers"> & { solution?: ArrayTree };

/** A product with a fed vector p or q, which is like the weights, on a training minibatch. */
type ProductProgram<Product extends ArrayTree> = Program<
  ImplicitState,
  LossInputs & { vector: ArrayTree },
  { product: Product }
>;

/** The programs of {@link implicitPrograms}. */
export type ImplicitPrograms = {
  readonly validGradient: Program<
    ImplicitState,
    { batch: Batch },
    { params: ArrayTree; hypers: np.Array; loss: np.Array; start?: ArrayTree }
  >;
  readonly curvatureProduct: ProductProgram<ArrayTree>;
  readonly mixedProduct: ProductProgram<np.Array>;
};

/**
 * The programs of the implicit methods:
 *
 * - `validGradient`: v = ∂L_V/∂w and the direct ∂L_V/∂λ;
 * - `curvatureProduct`: H p of a fed vector p on a training minibatch;
 * - `mixedProduct`: L_T,λw q of a fed vector q.
 */
export const implicitPrograms = (problem: Problem, curvature: Curvature = "hessian"): ImplicitPrograms => ({
  validGradient: (state, inputs) => {
    const [, outputs] = validGradientProgram(problem)(state, inputs);
    return [{}, state.solution ? { ...outputs, start: state.solution } : outputs];
  },
  curvatureProduct: ({ params, hypers }, { vector, ...inputs }) => [
    {},
    { product: products[curvature](problem, params, hypers, tree.ref(vector), inputs) },
  ],
  mixedProduct: ({ params, hypers }, { vector, ...inputs }) => [
    {},
    { product: mixedProduct(problem, params, hypers, tree.ref(vector), inputs) },
  ],
});

/** What an implicit hypergradient is taken on. */
export interface ImplicitInputs {
  /** The training minibatch of all products of this hypergradient, with its noise. */
  readonly train: TrainInputs;
  readonly validBatch: HostArrays;
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
  session: ProgramRunner<ImplicitPrograms>,
  { train, validBatch, solver, round }: ImplicitInputs,
): Promise<Hypergradient & { readonly solution: HostTree }> {
  const valid = await session.run("validGradient", { batch: validBatch });
  const weights = valid.params;
  const multiplied = async (
    program: "curvatureProduct" | "mixedProduct",
    vector: Float64Array,
  ): Promise<Float64Array> => {
    const outputs = await session.run(program, { ...train, vector: inStructure(weights, vector) });
    return flattened(outputs.product);
  };
  const { solution, products } = await solver.solve(
    (vector) => multiplied("curvatureProduct", vector),
    flattened(weights),
    round,
    valid.start && flattened(valid.start),
  );
  const through = await multiplied("mixedProduct", solution);
  return {
    hypers: hostVector(plusScaled(flattened(valid.hypers), through, -1)),
    loss: scalarOf(valid.loss),
    cost: { gradients: 1, products: products + 1 },
    solution: inStructure(weights, solution),
  };
}
