import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { cholesky, extend, inverse, logDeterminant, solve, solveLower } from "./cholesky.ts";

/** G G' + I of random G: positive definite, with a condition number of at most some hundreds. */
const positiveDefinite = fc
  .integer({ min: 1, max: 14 }) // with and without a block of four that is not full
  .chain((n) => fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: n * n, maxLength: n * n }))
  .map((values) => {
    const n = Math.sqrt(values.length);
    const g = Float64Array.from(values);
    return { n, matrix: timesTransposed(g, g, n).map((v, at) => v + (at % (n + 1) === 0 ? 1 : 0)) };
  });

/** A B'. */
function timesTransposed(a: Float64Array, b: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: (a.length / n) * (b.length / n) }, (_, at) => {
    const columns = b.length / n;
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (a[i * n + k] as number) * (b[j * n + k] as number);
    return sum;
  });
}

const identity = (n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));

const furthest = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);

/** The first n rows and columns of a matrix with one more. */
const leading = (matrix: Float64Array, n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => matrix[Math.floor(at / n) * (n + 1) + (at % n)] as number);

test("the factor of a matrix by hand", () => {
  // [2 0 0; 1 3 0; -1 2 1] times its transpose.
  const { lower, jitter } = cholesky(Float64Array.of(4, 2, -2, 2, 10, 5, -2, 5, 6), 3);
  expect([...lower]).toEqual([2, 0, 0, 1, 3, 0, -1, 2, 1]);
  expect(jitter).toBe(0);
});

test("L L' is the matrix, and L is lower triangular", () => {
  fc.assert(
    fc.property(positiveDefinite, ({ n, matrix }) => {
      const { lower, jitter } = cholesky(matrix, n);
      expect(jitter).toBe(0);
      expect(furthest(timesTransposed(lower, lower, n), matrix)).toBeLessThan(1e-12);
      expect(lower.every((value, at) => at % n <= Math.floor(at / n) || value === 0)).toBe(true);
    }),
  );
});

test("a factor of hundreds of rows is one too", () => {
  const n = 203;
  const matrix = Float64Array.from({ length: n * n }, (_, at) =>
    Math.exp(-Math.abs(Math.floor(at / n) - (at % n)) / 10),
  );
  const factor = cholesky(matrix, n);
  expect(furthest(timesTransposed(factor.lower, factor.lower, n), matrix)).toBeLessThan(1e-13);
  expect(furthest(timesTransposed(inverse(factor), matrix, n), identity(n))).toBeLessThan(1e-11);
});

test("the upper triangle is not read", () => {
  expect(cholesky(Float64Array.of(4, NaN, 2, 5), 2)).toEqual(cholesky(Float64Array.of(4, 2, 2, 5), 2));
});

test("the inverse times the matrix is the identity", () => {
  fc.assert(
    fc.property(positiveDefinite, ({ n, matrix }) => {
      const product = timesTransposed(inverse(cholesky(matrix, n)), matrix, n);
      expect(furthest(product, identity(n))).toBeLessThan(1e-10);
    }),
  );
});

test("solutions solve", () => {
  fc.assert(
    fc.property(positiveDefinite, ({ n, matrix }) => {
      const factor = cholesky(matrix, n);
      const rows = matrix.map((_, at) => Math.sin(3 * at + 1));
      const before = rows.slice();
      expect(furthest(timesTransposed(solveLower(factor, rows), factor.lower, n), rows)).toBeLessThan(1e-12);
      const vector = rows.subarray(0, n);
      expect(furthest(timesTransposed(solve(factor, vector), matrix, n), vector)).toBeLessThan(1e-11);
      expect(rows).toEqual(before);
    }),
  );
});

test("the log determinant is that of a matrix by hand", () => {
  expect(logDeterminant(cholesky(Float64Array.of(4, 2, -2, 2, 10, 5, -2, 5, 6), 3))).toBeCloseTo(
    Math.log(36),
    14,
  );
});

describe("extend", () => {
  test("equals factorising the larger matrix", () => {
    fc.assert(
      fc.property(positiveDefinite, ({ n, matrix }) => {
        fc.pre(n > 1);
        const corner = matrix.at(-1) as number;
        const extended = extend(
          cholesky(leading(matrix, n - 1), n - 1),
          matrix.slice(n * (n - 1), -1),
          corner,
        );
        const anew = cholesky(matrix, n);
        expect(extended.size).toBe(n);
        expect(furthest(extended.lower, anew.lower)).toBeLessThan(1e-12);
      }),
    );
  });

  test("gives a row that repeats another a jitter of its own", () => {
    const factor = cholesky(Float64Array.of(1, 0.5, 0.5, 1), 2);
    const { lower, jitter } = extend(factor, Float64Array.of(0.5, 1), 1);
    expect(jitter).toBe(0);
    expect((lower[8] as number) ** 2).toBeCloseTo(1e-12, 15);
  });

  test("refuses a row that no matrix has", () => {
    const factor = cholesky(Float64Array.of(1), 1);
    expect(() => extend(factor, Float64Array.of(2), 1)).toThrow("must be finite and positive definite");
    expect(() => extend(factor, Float64Array.of(NaN), 1)).toThrow("must be finite and positive definite");
  });
});

describe("a matrix that is not positive definite", () => {
  test("gets a jitter on the diagonal, which is told", () => {
    const { lower, jitter } = cholesky(new Float64Array(9).fill(2), 3);
    expect(jitter).toBeCloseTo(2e-12, 24);
    const back = timesTransposed(lower, lower, 3);
    expect([...back].map((value) => Math.round(value * 1e9) / 1e9)).toEqual(new Array(9).fill(2));
  });

  test("gets more where little does not do", () => {
    const { jitter } = cholesky(Float64Array.of(1, 1 + 1e-9, 1 + 1e-9, 1), 2);
    expect(jitter).toBe(1e-8);
  });

  test.each([
    ["indefinite", [1, 2, 2, 1]],
    ["zero", [0, 0, 0, 0]],
    ["with NaN", [1, 0, NaN, 1]],
    ["with infinity", [1, 0, 0, Infinity]],
  ])("is refused in the end: %s", (_, values) => {
    expect(() => cholesky(Float64Array.from(values), 2)).toThrow(
      "a covariance matrix must be finite and positive definite",
    );
  });
});
