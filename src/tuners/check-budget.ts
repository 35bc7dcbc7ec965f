import { gradientEvaluations } from "../hypergrad/hypergrad.ts";

/** The training steps of a check of the response. */
export const CHECK_STEPS = 10;

/** The windows of training steps over which a check is repeated, which tell its noise. */
export const CHECK_REPEATS = 2;

/**
 * The gradients of a minibatch that a check takes: one training and the way back, the response's own derivative, a training
 * and two losses for the length of the move, and for each repeat four trainings and four losses.
 */
const CHECK_COST =
  CHECK_STEPS +
  gradientEvaluations({ gradients: 1, products: CHECK_STEPS }) +
  1 +
  (CHECK_STEPS + 2) +
  CHECK_REPEATS * (4 * CHECK_STEPS + 4);

/** The part of its gradients that checks of the response take beside in a run of the command line. */
export const CHECK_SHARE = 0.03;

/** The checks that a number of gradients pays for. */
export const checksPaidBy = (gradients: number, share = CHECK_SHARE): number =>
  Math.floor((share * gradients) / CHECK_COST);

/** The gradients that pay for a number of checks. */
export const gradientsFor = (checks: number): number => Math.ceil((checks * CHECK_COST) / CHECK_SHARE);
