import type { HostArray, HostArrays } from "../util/host-array.ts";

/**
 * Hypergradients: the derivative of the validation loss by the hyperparameters, through the training that they shape.
 *
 * | symbol | meaning | shape | here |
 * |---|---|---|---|
 * | λ        | unconstrained hyperparameters | [size] | `hypers` |
 * | w        | weights | a tree | `params` |
 * | s_t      | what training carries from step to step: w and the optimizer's state | a tree | `CarriedState` |
 * | Φ_t      | training step t on its minibatch, s_t = Φ_t(s_{t-1}, λ) | | `trainingStep` |
 * | A_t, B_t | ∂Φ_t/∂s and ∂Φ_t/∂λ at s_{t-1} | | |
 * | α_t      | adjoint, dL_V/ds_t | as s | `adjoint` |
 * | Z_t      | tangents, ds_t/dλ | [size, ...] per leaf | `tangents` |
 * | T, K     | steps of a window; steps that are differentiated through | | `horizon` |
 * | H        | L_T,ww, the training loss's Hessian | | `hessianProduct` |
 * | G        | the generalised Gauss-Newton matrix, which may stand for H | | `gaussNewtonProduct` |
 * | v, q     | ∂L_V/∂w, and what stands for H^-1 v | as w | |
 *
 * Two families. Unrolled: L_V at w_T as a function of λ through the T steps that led there, exactly (`unrolled.ts`
 * backwards, `forward.ts` forwards), with the trajectory rebuilt instead of stored (`reversible.ts`) or guessed
 * (`drmad.ts`). Implicit (`implicit.ts`): at a minimum of L_T, where dw/dλ = -H^-1 L_T,wλ whatever led there.
 *
 * jax-js has no loops inside a program, so that one step, its transposed derivative and its products are programs of
 * their own, and the loop over them is the host's.
 */
export interface Hypergradient {
  /** dL_V/dλ: [size]. */
  readonly hypers: HostArray;
  /** L_V on the validation minibatch that it was taken on. */
  readonly loss: number;
  readonly cost: Cost;
}

/** What a hypergradient took beyond the training steps themselves. */
export interface Cost {
  /** Gradients of a loss on one minibatch. */
  readonly gradients: number;
  /** Products of a vector with second derivatives: of the Hessian, of L_T,wλ, of A_t and B_t at once. */
  readonly products: number;
}

/**
 * A cost in gradients of a minibatch, by which methods are compared. A product is counted as two, the gradient that it
 * differentiates among them: a gradient's derivative in one direction takes about the operations of the gradient once
 * more (Pearlmutter 1994).
 */
export const gradientEvaluations = ({ gradients, products }: Cost): number => gradients + 2 * products;

/** The minibatch and the noise of a training step. */
export type TrainInputs = { readonly batch: HostArrays; readonly noise: HostArrays };

/** The inputs of a training step, with the optimizer's settings. */
export type StepInputs = TrainInputs & { readonly settings: HostArrays };
