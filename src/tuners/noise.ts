import type { NoiseInput } from "../problem/problem.ts";
import { perturbationColumns, type Space } from "../space/space.ts";
import { HostArray, sizeOf, type HostArrays } from "../util/host-array.ts";
import { streamKey, normalsAt, uniformsAt } from "../util/random.ts";

/** Fills a problem's declared noise for one training step: every input from a stream of its own. */
export const drawNoise = (
  inputs: Readonly<Record<string, NoiseInput>>,
  seed: number,
  step: number,
  rows: number,
): HostArrays =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { distribution, shape, per }]) => {
      const full = [per === "example" ? rows : 1, ...shape];
      const draw = distribution === "uniform" ? uniformsAt : normalsAt;
      return [name, new HostArray(draw(streamKey(seed, `noise ${name}`), step, sizeOf(full)), full)];
    }),
  );

/**
 * Standard normal perturbations [rows, size] of the unconstrained hyperparameters. A column that is perturbed per minibatch
 * has one draw for all rows; where all are, one row is enough.
 */
export function drawPerturbation(
  space: Space,
  seed: number,
  stream: "train" | "valid",
  index: number,
  batchRows: number,
): HostArray {
  const columns = perturbationColumns(space);
  const rows = columns.every((per) => per === "minibatch") ? 1 : batchRows;
  const draws = normalsAt(streamKey(seed, `${stream} perturbation`), index, rows * space.size);
  columns.forEach((per, column) => {
    if (per === "example") return;
    for (let row = 1; row < rows; row++) draws[row * space.size + column] = draws[column] as number;
  });
  return new HostArray(draws, [rows, space.size]);
}
