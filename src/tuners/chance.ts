/** The share of a loss below which a difference is none that anybody would see. */
export const LEAST_DIFFERENCE = 5e-3;

/** Rows below which nobody knows which of two trained networks is better. */
export const FEWEST_ROWS = 10;

/**
 * How much of a loss chance makes of the difference between two trained networks that so many rows judge, as a share: two standard errors of the mean where
 * one row's losses differ by a quarter of the mean loss, and no less than anybody would see. Infinite of fewer than
 * ten rows: of 24 pairs of networks made equal over all of hundreds of rows, one of twenty draws of six rows sets a quarter of the pairs apart by a third of the loss or more.
 *
 * Of eight pairs of models whose losses lay within 15 % of each other, six differed by as much or less (docs/decisions/0043-what-a-run-advises.md).
 */
export const chanceOf = (rows: number): number =>
  rows < FEWEST_ROWS ? Infinity : Math.max(LEAST_DIFFERENCE, 0.5 / Math.sqrt(rows));
