/**
 * Points as a Gaussian process sees them.
 *
 * | coordinate | inputs |
 * |---|---|
 * | real    | one: itself |
 * | integer | one: the centre of its cell, so that the process is constant on cells (Garrido-Merchan and Hernandez-Lobato, 2020) |
 * | choice  | one for each option: 1 for the one that is chosen, else 0 |
 * | missing | 1/2, or all 0: a hyperparameter that does not exist is no distance between two points |
 */
import type { SearchSpace } from "./conditions.ts";
import { coordinatesOf } from "./coordinates.ts";

/** How points of a space become inputs; made by {@link gpInputs}. */
export interface GpInputs {
  /** Number of inputs. */
  readonly size: number;
  /** For each coordinate, its first input. [d] */
  readonly first: readonly number[];
  /** The inputs of points on cell centres, row by row. [n, size] */
  encode(points: readonly Float64Array[]): Float64Array;
}

/**
 * The inputs of a space's points.
 *
 * @throws {HypertrainError} if a range is not finite.
 */
export function gpInputs(space: SearchSpace): GpInputs {
  const coordinates = coordinatesOf(space);
  const first: number[] = [];
  let size = 0;
  for (const { hyper, cells } of coordinates) {
    first.push(size);
    size += hyper.kind === "choice" ? cells : 1;
  }
  return {
    size,
    first,
    encode(points) {
      const rows = new Float64Array(points.length * size);
      points.forEach((point, i) =>
        coordinates.forEach(({ hyper, cells }, j) => {
          const at = i * size + (first[j] as number);
          const t = point[j] as number;
          if (hyper.kind !== "choice") rows[at] = Number.isNaN(t) ? 0.5 : t;
          else if (!Number.isNaN(t)) rows[at + Math.min(Math.floor(t * cells), cells - 1)] = 1;
        }),
      );
      return rows;
    },
  };
}
