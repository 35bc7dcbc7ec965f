/**
 * A surface through scattered points, by the kernel regression of Nadaraya and Watson (1964): the mean of the points' values, weighted by
 * Gaussians of their distances. Points are counted into cells first, and the cells smoothed along one axis after the other, so that it
 * takes as long for a hundred thousand points as for a hundred.
 *
 * | symbol | meaning |
 * |---|---|
 * | u, v | where a point lies, from 0 to 1 on each axis |
 * | h | the kernel's standard deviation: Scott's rule in two dimensions for points spread evenly, 0.29 n^(-1/6), and no less than a cell |
 */
export interface Surface {
  readonly cells: number;
  /** By row of cells from v = 0, then by u; NaN where no point is nearer than about two standard deviations. */
  readonly values: Float64Array;
  /** h, as a part of an axis. */
  readonly width: number;
}

/** The cells of an axis. */
const CELLS = 48;

/** The surface through points; those that are not finite count for nothing. */
export function surfaceOf(
  u: ArrayLike<number>,
  v: ArrayLike<number>,
  value: ArrayLike<number>,
  cells = CELLS,
): Surface {
  let [weights, sums] = [new Float64Array(cells * cells), new Float64Array(cells * cells)];
  let count = 0;
  const cellOf = (place: number): number => Math.min(cells - 1, Math.max(0, Math.floor(place * cells)));
  for (let i = 0; i < u.length; i++) {
    const [across, up, height] = [u[i] as number, v[i] as number, value[i] as number];
    if (!Number.isFinite(across + up + height)) continue;
    const cell = cellOf(up) * cells + cellOf(across);
    weights[cell] = (weights[cell] as number) + 1;
    sums[cell] = (sums[cell] as number) + height;
    count++;
  }
  const width = Math.max(0.29 * count ** (-1 / 6), 1 / cells);
  const kernel = kernelOf(width * cells);
  for (const along of [1, cells]) {
    weights = smoothed(weights, kernel, cells, along);
    sums = smoothed(sums, kernel, cells, along);
  }
  const least = Math.exp(-2); // one point, two standard deviations away
  return {
    cells,
    width,
    values: sums.map((sum, i) => ((weights[i] as number) > least ? sum / (weights[i] as number) : NaN)),
  };
}

/** A Gaussian from the middle outwards, up to three standard deviations; 1 in the middle, so that a weight counts points. */
const kernelOf = (deviation: number): Float64Array =>
  new Float64Array(Math.ceil(3 * deviation) + 1).map((_, i) => Math.exp(-0.5 * (i / deviation) ** 2));

/** @param along the step between neighbours: 1 along a row of cells, their number across */
function smoothed(
  grid: Float64Array<ArrayBuffer>,
  kernel: Float64Array,
  cells: number,
  along: number,
): Float64Array<ArrayBuffer> {
  return grid.map((_, cell) => {
    const place = along === 1 ? cell % cells : Math.floor(cell / cells);
    let sum = 0;
    const reach = kernel.length - 1;
    for (let step = Math.max(-reach, -place); step <= Math.min(reach, cells - 1 - place); step++) {
      sum += (kernel[Math.abs(step)] as number) * (grid[cell + step * along] as number);
    }
    return sum;
  });
}
