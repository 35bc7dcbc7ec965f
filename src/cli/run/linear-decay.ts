import type { DataSizes } from "../networks/network-by-name.ts";

/** The least weight decay. */
const LEAST = 1e-4;

/** The noise's variance over the signal's that is supposed, by the measurements in bench/README.md: it errs on the side of clean data. */
const NOISE = 0.2;

/**
 * The weight decay of the linear model beside a table's network.
 *
 * | symbol | meaning |
 * |---|---|
 * | n, m | columns, training rows |
 * | k | outputs: classes, or numbers to predict |
 * | h | the second derivative of the loss by an output |
 * | s | the noise's variance over the signal's |
 *
 * Of a linear model of standardised, independent columns the best decay is h s n / m. For the squared error, a mean over the outputs,
 * h = 2 / k; for the cross-entropy of k classes that are all as likely, h = (1 - 1 / k) / k.
 * No less than 1e-4, at which networks start.
 */
export const linearDecay = ({ inputs, outputs, rows, classes }: DataSizes): number => {
  const curvature = classes ? (1 - 1 / outputs) / outputs : 2 / outputs;
  return Math.max(LEAST, (NOISE * curvature * inputs) / rows);
};
