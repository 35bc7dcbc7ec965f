/** ⟨a, b⟩. */
export function innerProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** a + s b. */
export const plusScaled = (a: Float64Array, b: Float64Array, s: number): Float64Array =>
  combined(a, b, (x, y) => x + s * y);

/** f of every pair of numbers: a loop, since the vectors are as long as a network has weights and `map` takes several times as long. */
export function combined(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  f: (x: number, y: number) => number,
): Float64Array {
  const result = new Float64Array(a.length);
  for (let i = 0; i < result.length; i++) result[i] = f(a[i] as number, b[i] as number);
  return result;
}
