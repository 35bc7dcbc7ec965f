import type { numpy as np } from "@jax-js/jax";

import type { ArrayTree, OnHost, Program, ProgramRunner } from "../engine/engine.ts";
import { gradients } from "../engine/transform.ts";
import type { Objective } from "../problem/objective.ts";
import { flattened, inStructure, type HostTree } from "../util/host-array.ts";
import {
  demandRange,
  divided,
  fixedPoint,
  fromFixedPoint,
  multiplied,
  nothingLost,
  toFixedPoint,
  type LostBits,
  type Ratio,
} from "./fixed-point.ts";
import type { TrainInputs } from "./hypergrad.ts";
import { trainObjectiveAt, type LossInputs, type Training, type TrainingState } from "./training-step.ts";
import type { HostCarry, Window } from "./unrolled.ts";

/**
 * Reversible learning (Maclaurin, Duvenaud and Adams 2015): gradient descent with momentum in exact arithmetic, which can
 * be run backwards from its end, so that no trajectory is stored.
 *
 * | symbol | meaning | here |
 * |---|---|---|
 * | w, m | weights and momentum in units of 2^-32 | `params`, `momentum` |
 * | g    | gradient at w, rounded to such units | |
 * | μ    | momentum's share that is kept, a fraction n/d | `ratio` |
 * | a    | step size | `learningRate` |
 *
 *     forwards:    m = μ m + g(w),   w = w - round(a m);
 *     backwards:   w = w + round(a m),   m = (m - g(w)) / μ.
 *
 * Only the product μ m loses anything, log2(1/μ) bits a weight and step, which `fixed-point.ts` keeps: 0.15 bits for μ =
 * 0.9, where a stored trajectory takes 64 (in float32) or 128. An engine gives the same gradient at the same weights
 * again, bit for bit, which the way back relies on.
 *
 * @see Maclaurin, Duvenaud and Adams, "Gradient-based hyperparameter optimization through reversible learning", 2015,
 *   https://arxiv.org/abs/1502.03492
 */
export interface ReversibleState {
  readonly params: Float64Array;
  readonly momentum: Float64Array;
  readonly lost: LostBits;
}

/** The step size and the momentum of one step. */
export interface ReversibleRates {
  readonly learningRate: number;
  readonly ratio: Ratio;
}

/** At rest at some weights. */
export function reversibleStart(params: ArrayLike<number>): ReversibleState {
  const fixed = toFixedPoint(params);
  return { params: fixed, momentum: new Float64Array(fixed.length), lost: nothingLost };
}

/**
 * A step forwards, of the gradient at the state's weights.
 *
 * @throws {HypertrainError} where a number leaves ±2^20.
 */
export function reversibleStep(
  { params, momentum, lost }: ReversibleState,
  gradient: Float64Array,
  { learningRate, ratio }: ReversibleRates,
): ReversibleState {
  const [m, lostNow] = multiplied(momentum, lost, ratio); // a new array, so far without the gradient
  const w = new Float64Array(params.length);
  for (let i = 0; i < w.length; i++) {
    const moved = (m[i] as number) + fixedPoint(gradient[i] as number);
    m[i] = moved;
    w[i] = (params[i] as number) - Math.round(learningRate * moved);
  }
  demandRange(m);
  demandRange(w);
  return { params: w, momentum: m, lost: lostNow };
}

/**
 * The step that led to a state, backwards.
 *
 * @param gradientAt the gradient at the weights of before, which are known before the momentum is
 */
export async function reversedStep(
  { params, momentum, lost }: ReversibleState,
  gradientAt: (params: Float64Array) => Promise<Float64Array>,
  { learningRate, ratio }: ReversibleRates,
): Promise<ReversibleState> {
  const w = new Float64Array(params.length);
  for (let i = 0; i < w.length; i++)
    w[i] = (params[i] as number) + Math.round(learningRate * (momentum[i] as number));
  const gradient = await gradientAt(fromFixedPoint(w));
  const kept = new Float64Array(momentum.length);
  for (let i = 0; i < kept.length; i++) kept[i] = (momentum[i] as number) - fixedPoint(gradient[i] as number);
  const [m, lostBefore] = divided(kept, lost, ratio);
  return { params: w, momentum: m, lost: lostBefore };
}

/** The gradient of the training loss at fed `params`, on a minibatch. */
export type TrainGradientProgram = Program<
  Pick<TrainingState, "hypers">,
  LossInputs & { params: ArrayTree },
  Objective & { gradient: ArrayTree }
>;

/** The program `trainGradient`: the same for both directions, since the way back needs the same bits. */
export const trainGradientProgram =
  ({ problem }: Pick<Training, "problem">): TrainGradientProgram =>
  (state, inputs) => {
    const objective = (params: ArrayTree): [np.Array, Objective] => {
      const parts = trainObjectiveAt(problem, params, state.hypers.ref, inputs);
      return [parts.loss.ref.add(parts.penalty.ref), parts];
    };
    const { grads, reported } = gradients(objective, inputs.params);
    return [{}, { gradient: grads[0], ...reported }];
  };

/** s of `heavyBall` that a reversible state stands for. */
export const carryOf = ({ params, momentum }: ReversibleState, like: HostTree): HostCarry => ({
  params: inStructure(like, fromFixedPoint(params)),
  optimizer: { momentum: inStructure(like, fromFixedPoint(momentum)) },
});

/** Runs `trainGradient` at weights; `objective` is what the program reports beside. */
export async function gradientOn(
  session: ProgramRunner<{ trainGradient: TrainGradientProgram }>,
  params: Float64Array,
  like: HostTree,
  { batch, noise }: TrainInputs,
): Promise<{ gradient: Float64Array; objective: OnHost<Objective> }> {
  const { gradient, ...objective } = await session.run("trainGradient", {
    params: inStructure(like, params),
    batch,
    noise,
  });
  return { gradient: flattened(gradient), objective };
}

/**
 * The trajectory that led to a reversible state, rebuilt step by step from its end, for `reverseHypergradient`. Cost: one
 * gradient a step; memory: s, and the bits that were lost.
 *
 * @param like the structure of the weights
 */
export function reversedTrajectory(
  session: ProgramRunner<{ trainGradient: TrainGradientProgram }>,
  { inputsAt }: Pick<Window, "inputsAt">,
  end: ReversibleState,
  like: HostTree,
  ratesAt: (step: number) => ReversibleRates,
): (step: number) => Promise<HostCarry> {
  let state = end;
  return async (step) => {
    const at = async (params: Float64Array) =>
      (await gradientOn(session, params, like, await inputsAt(step))).gradient;
    state = await reversedStep(state, at, ratesAt(step));
    return carryOf(state, like);
  };
}
