/**
 * The Cholesky factor of a positive definite matrix, and what is solved with it.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | A      | symmetric positive definite; the lower triangle is read | [n, n] |
 * | L      | lower triangular, A + e I = L L' | [n, n] |
 * | e      | jitter: 0, unless A is not positive definite to rounding | scalar |
 * | B, R   | right-hand sides and solutions, one a row | [m, n] |
 * | T      | the transpose of L^-1: upper triangular | [n, n] |
 *
 * Matrices are flat and row-major. All three cubic loops (factorise, L^-1, A^-1) are sums of products of two rows, taken four
 * rows by four (`products`), which is what keeps a fit to a few hundred points interactive: 16 sums share 8 loads.
 */
import { workError } from "../../util/error.ts";

/** A factor L of A + e I. */
export interface Cholesky {
  /** Number of rows, n. */
  readonly size: number;
  /** L, its upper triangle 0. [n, n] */
  readonly lower: Float64Array;
  /** e: what had to be added to the diagonal. */
  readonly jitter: number;
}

/**
 * The factor of `matrix`, of `size` rows, which is left as it is.
 *
 * Where a pivot is not positive to rounding, it starts again with a jitter on the diagonal: 1e-12 times the mean of the diagonal,
 * then 100 times as much, up to 1e-4.
 *
 * @throws {HypertrainError} if the matrix is not finite, or not positive definite with the largest jitter.
 */
export function cholesky(matrix: Float64Array, size: number): Cholesky {
  const scale = meanDiagonal(matrix, size);
  for (const share of JITTERS) {
    const jitter = share * scale;
    const lower = factorised(matrix, size, jitter);
    if (lower) return { size, lower, jitter };
  }
  throw notDefinite(`${size} rows and a mean of ${scale} on its diagonal`);
}

/**
 * The factor of a matrix of which the first rows are known to have the factor `known`: to the last bit what {@link cholesky} makes of
 * the whole, in O(n^2) for each row that is new. Nothing where that needs a jitter; then factorise the whole.
 *
 * @param kept how many rows of `known` are kept
 * @param added the rows behind them. [n - kept, n]
 * @param size n
 */
export function grown(
  known: Cholesky,
  kept: number,
  added: Float64Array,
  size: number,
): Cholesky | undefined {
  if (known.jitter !== 0) return undefined;
  const lower = new Float64Array(size * size);
  for (let i = 0; i < kept; i++) {
    lower.set(known.lower.subarray(i * known.size, i * known.size + i + 1), i * size);
  }
  const whole = factorised(added, size, 0, lower, kept);
  return whole && { size, lower: whole, jitter: 0 };
}

/**
 * The factor of the matrix with one more row, in O(n^2) where factorising anew takes O(n^3).
 *
 *     [A  b]   [L   0] [L'  r]
 *     [b' c] = [r'  p] [0   p]      r = L^-1 b,  p = sqrt(c - r' r)
 *
 * The new diagonal element gets the factor's jitter. Where p is not positive to rounding, this element alone gets more, in the
 * steps of {@link cholesky}.
 *
 * @param cross b, the new row without its last element. [n]
 * @param corner c, its last element.
 * @throws {HypertrainError} if the extended matrix is not finite, or not positive definite with the largest jitter.
 */
export function extend(factor: Cholesky, cross: Float64Array, corner: number): Cholesky {
  const { size, lower, jitter } = factor;
  const last = solveLower(factor, cross);
  const left = corner + jitter - last.reduce((sum, r) => sum + r * r, 0);
  const share = JITTERS.find((more) => left + more * corner > EPSILON * corner);
  if (share === undefined) throw notDefinite(`${size} rows and a new one that ends with ${corner}`);
  const extended = new Float64Array((size + 1) ** 2);
  for (let i = 0; i < size; i++) extended.set(lower.subarray(i * size, i * size + i + 1), i * (size + 1));
  extended.set(last, size * (size + 1));
  extended[extended.length - 1] = Math.sqrt(left + share * corner);
  return { size: size + 1, lower: extended, jitter };
}

/** L^-1 b for every row b of `rows`: R with R L' = B. [m, n] */
export function solveLower(factor: Cholesky, rows: Float64Array): Float64Array {
  const solved = rows.slice();
  substitute(factor, solved, () => 0);
  return solved;
}

/** A^-1 b for one vector b: L^-T (L^-1 b). [n] */
export function solve(factor: Cholesky, vector: Float64Array): Float64Array {
  const { size, lower } = factor;
  const x = solveLower(factor, vector);
  let i = size - 1;
  for (; i >= BLOCK - 1; i -= BLOCK) takeFourRows(lower, size, i, x);
  for (; i >= 0; i--) {
    const value = (x[i] = (x[i] as number) / (lower[i * size + i] as number));
    for (let k = 0; k < i; k++) x[k] = (x[k] as number) - value * (lower[i * size + k] as number);
  }
  return x;
}

/** Solves for x_i to x_{i-3}, and takes what they add to the equations before from these: one pass over x for four rows of L. */
function takeFourRows(lower: Float64Array, size: number, i: number, x: Float64Array): void {
  const [p0, p1, p2, p3] = [i * size, (i - 1) * size, (i - 2) * size, (i - 3) * size] as const;
  const v0 = (x[i] as number) / (lower[p0 + i] as number);
  const v1 = ((x[i - 1] as number) - v0 * (lower[p0 + i - 1] as number)) / (lower[p1 + i - 1] as number);
  const v2 =
    ((x[i - 2] as number) - v0 * (lower[p0 + i - 2] as number) - v1 * (lower[p1 + i - 2] as number)) /
    (lower[p2 + i - 2] as number);
  const v3 =
    ((x[i - 3] as number) -
      v0 * (lower[p0 + i - 3] as number) -
      v1 * (lower[p1 + i - 3] as number) -
      v2 * (lower[p2 + i - 3] as number)) /
    (lower[p3 + i - 3] as number);
  x[i] = v0;
  x[i - 1] = v1;
  x[i - 2] = v2;
  x[i - 3] = v3;
  for (let k = 0; k < i - 3; k++) {
    x[k] =
      (x[k] as number) -
      v0 * (lower[p0 + k] as number) -
      v1 * (lower[p1 + k] as number) -
      v2 * (lower[p2 + k] as number) -
      v3 * (lower[p3 + k] as number);
  }
}

/** A^-1 = T T', both triangles. [n, n] */
export function inverse(factor: Cholesky): Float64Array {
  const { size } = factor;
  const upper = new Float64Array(size * size);
  for (let i = 0; i < size; i++) upper[i * size + i] = 1;
  substitute(factor, upper, (row) => row); // T: row i of L^-1 applied to the unit vectors
  const out = new Float64Array(size * size);
  const sums = new Float64Array(BLOCK * BLOCK);
  for (let i = 0; i < size; i += BLOCK) {
    for (let j = 0; j <= i; j += BLOCK) {
      products(upper, i, size, upper, j, size, size, i, size, sums); // row i of T is 0 before i
      for (let r = 0; r < BLOCK && i + r < size; r++) {
        for (let c = 0; c < BLOCK && j + c <= i + r; c++) {
          out[(i + r) * size + j + c] = out[(j + c) * size + i + r] = sums[r * BLOCK + c] as number;
        }
      }
    }
  }
  return out;
}

/** log det (A + e I) = 2 sum_i log L_ii. */
export function logDeterminant({ size, lower }: Cholesky): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += Math.log(lower[i * size + i] as number);
  return 2 * sum;
}

/** Shares of the diagonal that are tried as jitter. */
const JITTERS = [0, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4];

/** A pivot below this share of its diagonal element is rounding. */
const EPSILON = Number.EPSILON;

const BLOCK = 4;

/**
 * L, or nothing if a pivot is not positive. Block by block: L_ij = (A_ij - sum_{k<j} L_ik L_jk) / L_jj, where `products` takes the
 * sum up to the block's first column and the loop over k the rest.
 *
 * @param rows those of A from row `from` on; `lower` has the rows of L before it, and gets the others
 */
function factorised(
  rows: Float64Array,
  size: number,
  jitter: number,
  lower = new Float64Array(size * size),
  from = 0,
): Float64Array | undefined {
  const sums = new Float64Array(BLOCK * BLOCK);
  for (let i = from - (from % BLOCK); i < size; i += BLOCK) {
    for (let j = 0; j <= i; j += BLOCK) {
      products(lower, i, size, lower, j, size, size, 0, j, sums);
      for (let r = Math.max(i, from); r < i + BLOCK && r < size; r++) {
        for (let c = j; c < j + BLOCK && c <= r; c++) {
          const entry = rows[(r - from) * size + c] as number;
          let left = entry - (sums[(r - i) * BLOCK + c - j] as number);
          for (let k = j; k < c; k++)
            left -= (lower[r * size + k] as number) * (lower[c * size + k] as number);
          if (c < r) lower[r * size + c] = left / (lower[c * size + c] as number);
          else if (left + jitter > EPSILON * entry) lower[r * size + r] = Math.sqrt(left + jitter);
          else return undefined;
        }
      }
    }
  }
  return lower;
}

/**
 * Solves R L' = B in place, block by block: R_ti = (B_ti - sum_{k<i} R_tk L_ik) / L_ii. Row t of B is 0 before `first(t)`, so
 * these elements are left alone.
 */
function substitute({ size, lower }: Cholesky, rows: Float64Array, first: (row: number) => number): void {
  const count = rows.length / size;
  const sums = new Float64Array(BLOCK * BLOCK);
  for (let t = 0; t < count; t += BLOCK) {
    const from = first(t);
    for (let i = from; i < size; i += BLOCK) {
      products(rows, t, count, lower, i, size, size, from, i, sums);
      for (let r = t; r < t + BLOCK && r < count; r++) {
        for (let c = i; c < i + BLOCK && c < size; c++) {
          let left = (rows[r * size + c] as number) - (sums[(r - t) * BLOCK + c - i] as number);
          for (let k = i; k < c; k++)
            left -= (rows[r * size + k] as number) * (lower[c * size + k] as number);
          rows[r * size + c] = left / (lower[c * size + c] as number);
        }
      }
    }
  }
}

/**
 * `sums[4 r + c] = sum_{from <= k < to} A_{i+r,k} B_{j+c,k}` for four rows of A by four of B; at the lower edge, of
 * as many rows as there are.
 */
function products(
  a: Float64Array,
  i: number,
  aRows: number,
  b: Float64Array,
  j: number,
  bRows: number,
  width: number,
  from: number,
  to: number,
  sums: Float64Array,
): void {
  if (i + BLOCK <= aRows && j + BLOCK <= bRows) {
    pairOfRows(a, i * width, b, j * width, width, from, to, sums, 0);
    pairOfRows(a, (i + 2) * width, b, j * width, width, from, to, sums, 2 * BLOCK);
    return;
  }
  for (let r = 0; r < BLOCK && i + r < aRows; r++) {
    if (j + BLOCK <= bRows) {
      oneRow(a, (i + r) * width, b, j * width, width, from, to, sums, r * BLOCK);
      continue;
    }
    for (let c = 0; c < BLOCK && j + c < bRows; c++) {
      let sum = 0;
      for (let k = from; k < to; k++)
        sum += (a[(i + r) * width + k] as number) * (b[(j + c) * width + k] as number);
      sums[r * BLOCK + c] = sum;
    }
  }
}

/** One row of A by four of B: four sums that do not wait for each other. */
function oneRow(
  a: Float64Array,
  p: number,
  b: Float64Array,
  q: number,
  width: number,
  from: number,
  to: number,
  sums: Float64Array,
  at: number,
): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = from; k < to; k++) {
    const a0 = a[p + k] as number;
    s0 += a0 * (b[q + k] as number);
    s1 += a0 * (b[q + width + k] as number);
    s2 += a0 * (b[q + 2 * width + k] as number);
    s3 += a0 * (b[q + 3 * width + k] as number);
  }
  sums[at] = s0;
  sums[at + 1] = s1;
  sums[at + 2] = s2;
  sums[at + 3] = s3;
}

/** Two rows of A by four of B: eight sums, as many as stay in registers. */
function pairOfRows(
  a: Float64Array,
  p: number,
  b: Float64Array,
  q: number,
  width: number,
  from: number,
  to: number,
  sums: Float64Array,
  at: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let k = from; k < to; k++) {
    const a0 = a[p + k] as number;
    const a1 = a[p + width + k] as number;
    const b0 = b[q + k] as number;
    const b1 = b[q + width + k] as number;
    const b2 = b[q + 2 * width + k] as number;
    const b3 = b[q + 3 * width + k] as number;
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
  }
  sums[at] = s00;
  sums[at + 1] = s01;
  sums[at + 2] = s02;
  sums[at + 3] = s03;
  sums[at + 4] = s10;
  sums[at + 5] = s11;
  sums[at + 6] = s12;
  sums[at + 7] = s13;
}

function meanDiagonal(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += matrix[i * size + i] as number;
  return sum / size;
}

const notDefinite = (received: string) =>
  workError(
    `a covariance matrix must be finite and positive definite, but got one that is not, even with a jitter of 1e-4, of ${received}; look for values that are not finite, or raise the noise`,
  );
