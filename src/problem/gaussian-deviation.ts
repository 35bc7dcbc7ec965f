/** The standard deviation of the loss `gaussian`: that of hyper-training's regression on one-hot targets. */
export const GAUSSIAN_DEVIATION = 0.1;
