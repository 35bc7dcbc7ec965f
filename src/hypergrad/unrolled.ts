import { tree, type numpy as np } from "@jax-js/jax";

import type { ArrayTree, NoArrays, OnHost, Program, ProgramRunner } from "../engine/engine.ts";
import { gradient, mapArrays } from "../engine/transform.ts";
import { zerosLike } from "../nn/optim/optimizer.ts";
import {
  flattened,
  hostVector,
  scalarOf,
  type HostArray,
  type HostArrays,
  type HostTree,
} from "../util/host-array.ts";
import { plusScaled } from "./flat.ts";
import type { Hypergradient, StepInputs } from "./hypergrad.ts";
import { hessianProduct, mixedProduct } from "./second-order.ts";
import {
  trainLoss,
  trainProgram,
  updated,
  validGradientProgram,
  type CarriedState,
  type Training,
  type TrainingState,
  type UpdateInputs,
  type ValidGradientProgram,
} from "./training-step.ts";
import { treeProduct } from "./tree-product.ts";

/** s on the host. */
export type HostCarry = OnHost<CarriedState>;

/** The programs of {@link unrolledPrograms}. */
export type UnrolledPrograms = {
  readonly train: ReturnType<typeof trainProgram>;
  readonly carry: Program<TrainingState, NoArrays, CarriedState>;
  readonly pullBack: Program<
    Pick<TrainingState, "hypers">,
    UpdateInputs & { carry: CarriedState; adjoint: CarriedState },
    { adjoint: CarriedState; hypers: np.Array }
  >;
  readonly validGradient: ValidGradientProgram;
};

/**
 * The programs of the methods that go backwards, over a state with `params`, `optimizer` and `hypers`:
 *
 * - `train`: one training step;
 * - `carry`: s as it is now;
 * - `pullBack`: α_{t-1} = A_t' α_t and B_t' α_t, of a fed s_{t-1} and α_t. Back through the optimizer's update first,
 *   which gives an adjoint γ of the gradient; from there on H γ and L_T,λw γ, since second derivatives are symmetric;
 * - `validGradient`: v = ∂L_V/∂w and the direct ∂L_V/∂λ.
 */
export const unrolledPrograms = (training: Training): UnrolledPrograms => ({
  train: trainProgram(training),
  carry: ({ params, optimizer }) => [{}, { params, optimizer }],
  pullBack({ hypers }, { carry, adjoint, ...inputs }) {
    const { problem } = training;
    const grads = gradient(
      (at: ArrayTree) => trainLoss(problem, at, hypers.ref, inputs),
      tree.ref(carry.params),
    );
    const along = ({ grads, carry, hypers }: UpdatePoint): np.Array =>
      treeProduct(updated(training, grads, carry, hypers, inputs), tree.ref(adjoint));
    const direct = gradient(along, { grads, carry: tree.ref(carry), hypers: hypers.ref });
    const curved = hessianProduct(
      problem,
      tree.ref(carry.params),
      hypers.ref,
      tree.ref(direct.grads),
      inputs,
    );
    const mixed = mixedProduct(problem, carry.params, hypers, direct.grads, inputs);
    const params = mapArrays((a, b) => a.add(b), direct.carry.params, curved);
    const { optimizer } = direct.carry;
    return [{}, { adjoint: { params, optimizer }, hypers: direct.hypers.add(mixed) }];
  },
  validGradient: validGradientProgram(training.problem),
});

/** What the optimizer's update is a function of. */
type UpdatePoint = { grads: ArrayTree; carry: CarriedState; hypers: np.Array };

/** A window of training steps, and the validation minibatch that judges its end. */
export interface Window {
  /** The first step and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** A function of the step, which must give the same again. */
  inputsAt(step: number): StepInputs | Promise<StepInputs>;
  readonly validBatch: HostArrays;
}

/** A hypergradient with what it was made of. */
export interface WindowHypergradient extends Hypergradient {
  /** ∂L_V/∂w at the end of the window, v, and what it has become at its start, the weights' part of α_0. */
  readonly adjoint: { readonly end: HostTree; readonly start: HostTree };
  /** The part of dL_V/dλ that is not through the weights, ∂L_V/∂λ: [size]. */
  readonly direct: HostArray;
}

/**
 * The hypergradient through a window of training steps by reverse mode (Domke 2012; Franceschi et al. 2017), the state's
 * end being s_T:
 *
 *     α_T = ∂L_V/∂s_T;   for t = T, …, 1:   dL_V/dλ += B_t' α_t,   α_{t-1} = A_t' α_t.
 *
 * s_0 is taken not to depend on λ: exact for a window from the start of training, truncated where it begins later. Cost:
 * one gradient and one product a step, however many hyperparameters there are.
 *
 * @param carryAt s before a step of the window; asked for from the last step down, once each. What it says is what tells
 *   the methods apart: stored ({@link storedTrajectory}), rebuilt (`reversible.ts`) or guessed (`drmad.ts`).
 */
export async function reverseHypergradient(
  session: ProgramRunner<Pick<UnrolledPrograms, "validGradient" | "pullBack">>,
  { from, to, inputsAt, validBatch }: Window,
  carryAt: (step: number) => HostCarry | Promise<HostCarry>,
): Promise<WindowHypergradient> {
  const valid = await session.run("validGradient", { batch: validBatch });
  let hypers = flattened(valid.hypers);
  let adjoint: HostCarry | undefined;
  for (let step = to - 1; step >= from; step--) {
    const carry = await carryAt(step);
    adjoint ??= { params: valid.params, optimizer: zerosLike(carry.optimizer) };
    const pulled = await session.run("pullBack", { ...(await inputsAt(step)), carry, adjoint });
    adjoint = pulled.adjoint;
    hypers = plusScaled(hypers, flattened(pulled.hypers), 1);
  }
  return {
    hypers: hostVector(hypers),
    loss: scalarOf(valid.loss),
    cost: { gradients: 1, products: to - from },
    adjoint: { end: valid.params, start: adjoint?.params ?? valid.params },
    direct: valid.hypers,
  };
}

/**
 * Trains through a window and keeps s before every step, for {@link reverseHypergradient}. Memory: s once a step, with
 * momentum two numbers a weight and step.
 */
export async function storedTrajectory(
  session: ProgramRunner<Pick<UnrolledPrograms, "train" | "carry">>,
  { from, to, inputsAt }: Window,
): Promise<(step: number) => HostCarry> {
  const kept: HostCarry[] = [];
  for (let step = from; step < to; step++) {
    kept.push(await session.run("carry", {}));
    await session.run("train", await inputsAt(step));
  }
  return (step) => kept[step - from] as HostCarry;
}
