import { numpy as np } from "@jax-js/jax";

/** A matrix as its rows. */
export type Matrix = readonly (readonly number[])[];

/** The solution x of `a x = b` in float64. Needs an initialised jax-js. */
export function solve(a: Matrix, b: readonly number[]): number[] {
  const matrix = np.array(a as number[][], { dtype: np.float64 });
  const column = np.array([...b], { dtype: np.float64 }).reshape([-1, 1]);
  return [...np.linalg.solve(matrix, column).reshape([-1]).dataSync()];
}

/** `X'X`. */
export const gram = (x: Matrix): number[][] => columnsOf(x).map((a) => columnsOf(x).map((b) => dot(a, b)));

/** `X'y`. */
export const transposedTimes = (x: Matrix, y: readonly number[]): number[] =>
  columnsOf(x).map((a) => dot(a, y));

/** `X w`. */
export const times = (x: Matrix, w: readonly number[]): number[] => x.map((row) => dot(row, w));

/** The inner product. */
export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);

/** `s A + t I`. */
export const shifted = (a: Matrix, s: number, t: number): number[][] =>
  a.map((row, i) => row.map((v, j) => s * v + (i === j ? t : 0)));

/** The columns made orthogonal one after the other (Gram and Schmidt), of the given length each; means of 0 stay. */
export function orthogonalColumns(x: Matrix, length = 1): number[][] {
  const columns = columnsOf(x).reduce<number[][]>((done, column) => {
    const left = done.reduce((rest, unit) => minus(rest, unit, dot(rest, unit)), column);
    const norm = Math.sqrt(dot(left, left));
    return [...done, left.map((v) => v / norm)];
  }, []);
  return x.map((_, i) => columns.map((column) => length * (column[i] as number)));
}

const minus = (a: readonly number[], b: readonly number[], times: number): number[] =>
  a.map((v, i) => v - times * (b[i] as number));

const columnsOf = (x: Matrix): number[][] =>
  (x[0] as readonly number[]).map((_, j) => x.map((row) => row[j] as number));
