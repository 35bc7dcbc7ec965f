/** An array at run time. Values are compared by identity. */
export interface Value {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** What it holds, where that is known at compile time. */
  readonly constant?: Constant;
}

/** A known array: one number everywhere, or all numbers. Booleans are 0 and 1. */
export type Constant =
  | { readonly kind: "fill"; readonly value: number }
  | { readonly kind: "data"; readonly data: ArrayLike<number> };

/** The element types of jax-js. */
export type DType = "float32" | "float64" | "float16" | "int32" | "uint32" | "bool";

/** A value that an operation will define. */
export const value = (shape: readonly number[], dtype: DType): Value => ({ shape, dtype });

/** A known array of one number. */
export const fill = (number: number, shape: readonly number[], dtype: DType): Value => ({
  shape,
  dtype,
  constant: { kind: "fill", value: rounded(number, dtype) },
});

/** A known array. Arrays of one number throughout become fills. */
export function known(data: ArrayLike<number>, shape: readonly number[], dtype: DType): Value {
  const first = data[0] ?? 0;
  for (let i = 0; i < data.length; i++) {
    if (!Object.is(data[i], first)) return { shape, dtype, constant: { kind: "data", data } };
  }
  return fill(first, shape, dtype);
}

/** The number that a value holds everywhere, if that is known. */
export const fillOf = ({ constant }: Value): number | undefined =>
  constant?.kind === "fill" ? constant.value : undefined;

/** Whether a type holds fractions. */
export const isFloat = (dtype: DType): boolean => dtype.startsWith("float");

/** A number of one type in another, as a cast of jax-js's makes it: from fractions, integers stop at the ends of their range. */
export function converted(number: number, from: DType, to: DType): number {
  const [low, high] = integerRanges[to] ?? [-Infinity, Infinity];
  return rounded(isFloat(from) ? Math.min(Math.max(number, low), high) : number, to);
}

/** The least and the greatest number of each integer type. */
export const integerRanges: Partial<Record<DType, readonly [low: number, high: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/** The nearest number that a type can hold; integers are cut and wrap around. */
export function rounded(number: number, dtype: DType): number {
  switch (dtype) {
    case "float64":
      return number;
    case "float32":
      return Math.fround(number);
    case "float16":
      return new Float16Array([number])[0] as number;
    case "int32":
      return number | 0;
    case "uint32":
      return number >>> 0;
    case "bool":
      return number === 0 ? 0 : 1;
  }
}

/** Whether two shapes are the same. */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/** The common type of two, as jax-js promotes arrays that meet. */
export function promoted(a: DType, b: DType): DType {
  const order: readonly DType[] = ["bool", "uint32", "int32", "float16", "float32", "float64"];
  return order[Math.max(order.indexOf(a), order.indexOf(b))] as DType;
}
