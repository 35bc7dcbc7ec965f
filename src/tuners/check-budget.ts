import { gradientEvaluations } from "../hypergrad/hypergrad.ts";

/** The training steps of a check of the response. */
export const CHECK_STEPS = 10;

/** The gradients of a minibatch that a check takes: three trainings, one way back, two more losses and the response's own derivative. */
const CHECK_COST = 3 * CHECK_STEPS + gradientEvaluations({ gradients: 1, products: CHECK_STEPS }) + 3;

/** The part of a run's gradients that checks of the response may take beside. */
const CHECK_SHARE = 0.03;

/** The checks that a number of gradients pays for. */
export const checksPaidBy = (gradients: number): number => Math.floor((CHECK_SHARE * gradients) / CHECK_COST);

/** The gradients that pay for a number of checks. */
export const gradientsFor = (checks: number): number => Math.ceil((checks * CHECK_COST) / CHECK_SHARE);
