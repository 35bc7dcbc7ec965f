/** The share of a loss below which a difference is none that anybody would see. */
export const LEAST_DIFFERENCE = 5e-3;

/**
 * How much of a loss chance makes of the difference between two trained networks that so many rows judge, as a share: two standard errors of the mean where
 * one row's losses differ by a quarter of the mean loss, and no less than anybody would see.
 *
 * Of eight pairs of models whose losses lay within 15 % of each other, six differed by as much or less (docs/decisions/0043-what-a-run-advises.md).
 */
export const chanceOf = (rows: number): number => Math.max(LEAST_DIFFERENCE, 0.5 / Math.sqrt(rows));
