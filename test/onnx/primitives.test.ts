import { init, jit, lax, numpy as np, random, vmap } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import { compile, lower } from "../../src/engine/onnx/compile.ts";
import type { JaxprPrimitive } from "../../src/engine/onnx/graph.ts";
import type { DType } from "../../src/engine/onnx/value.ts";
import { trace, type Traceable } from "../../src/engine/onnx/trace.ts";
import { sizeOf } from "../../src/util/host-array.ts";
import { expectClose } from "./close.ts";
import { gradientsOf, type Numeric } from "./derivatives.ts";
import { runJax, runOnnx, type Sample } from "./run.ts";

/** A function of jax-js whose jaxpr has the primitive, and arguments for it. */
interface Case extends Closeness {
  readonly f: Traceable;
  readonly args: readonly Sample[];
}

/** How close results are that are not equal to the last bit: in units of the last place. */
interface Closeness {
  /** onnx to jax-js's `cpu`. */
  readonly units?: number;
  /** jax-js's `wasm`, which approximates functions in float32, to its `cpu`; or why there is nothing to compare. */
  readonly wasm?: number | string;
  /** Why onnx is compared with `wasm` instead of `cpu`. */
  readonly cpuFault?: string;
}

const floats: readonly DType[] = ["float32", "float64", "float16"];
const wholes: readonly DType[] = ["int32", "uint32"];
const numbers: readonly DType[] = [...floats, ...wholes];
const all: readonly DType[] = [...numbers, "bool"];

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const fractions = [-2.5, -1, -0.75, 0, 0.3125, 1, 1.5, 7, inf, -inf, nan];

type Edges = Readonly<Record<DType, readonly number[]>>;

const edges: Edges = {
  float32: [...fractions, Math.fround(0.1), Math.fround(1e30)],
  float64: [...fractions, 0.1, 1e300],
  float16: [...fractions, 2 ** -14, 60000],
  int32: [-(2 ** 31), -70000, -7, -1, 0, 1, 2, 5, 2 ** 31 - 1],
  uint32: [0, 1, 2, 5, 65537, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1],
  bool: [0, 1],
};

const without = (excluded: (value: number) => boolean, from = edges): Edges =>
  Object.fromEntries(
    Object.entries(from).map(([dtype, data]) => [dtype, data.filter((x) => !excluded(x))]),
  ) as unknown as Edges;

const sample = (dtype: DType, shape: readonly number[], data: readonly number[]): Sample => ({
  dtype,
  shape,
  data,
});
const row = (dtype: DType, data: readonly number[]): Sample => sample(dtype, [data.length], data);
const column = (dtype: DType, data: readonly number[]): Sample => sample(dtype, [data.length, 1], data);

/** Small numbers of both signs, where the type has them. */
function some(dtype: DType, ...shape: readonly number[]): Sample {
  const wave = (i: number) => ((i * 7 + 3) % 11) - 5;
  const data = Array.from({ length: sizeOf(shape) }, (_, i) => {
    if (dtype === "bool") return Number(wave(i) > 0);
    if (dtype === "uint32") return wave(i) + 5;
    return dtype === "int32" ? wave(i) : wave(i) / 4;
  });
  return sample(dtype, shape, data);
}

type Unary = (x: np.Array) => np.Array;
type Binary = (a: np.Array, b: np.Array) => np.Array;

/** Every edge value with every other, and shapes that broadcast. */
const binary = (f: Binary, dtypes: readonly DType[], by: Edges = edges, close: Closeness = {}): Case[] =>
  dtypes.flatMap((dtype) =>
    [
      [column(dtype, by[dtype]), row(dtype, by[dtype])],
      [some(dtype), some(dtype, 3)],
      [some(dtype, 2, 1, 3), some(dtype, 4, 1)],
      [some(dtype), some(dtype)],
    ].map((args) => ({ f: (a: np.Array, b: np.Array) => [f(a, b)], args, ...close })),
  );

/** Every edge value, a scalar, and an axis of one element. */
const unary = (f: Unary, dtypes: readonly DType[], close: Closeness = {}, by: Edges = edges): Case[] =>
  dtypes.flatMap((dtype) =>
    [row(dtype, by[dtype]), some(dtype), some(dtype, 2, 1)].map((arg) => ({
      f: (x: np.Array) => [f(x)],
      args: [arg],
      ...close,
    })),
  );

/** A function of arrays of some shapes, in several types. */
const of = (
  dtypes: readonly DType[],
  shapes: readonly (readonly number[])[],
  f: (...arrays: np.Array[]) => np.Array | np.Array[],
  close: Closeness = {},
): Case[] =>
  dtypes.map((dtype) => ({
    f: (...arrays: np.Array[]) => [f(...arrays)].flat() as np.Array[],
    args: shapes.map((shape) => some(dtype, ...shape)),
    ...close,
  }));

/** jax-js's wasm computes functions in float32, even of float64. */
const approximate = (units = 1): Closeness => ({ units, wasm: 20 });
const half = { wasm: "wasm has no float16" };
const numbersOnly = without(Number.isNaN);
const ranged = without((x) => x > 1e29);
const divisors = without((x) => x === 0 || x === -1); // whole numbers divided by 0 are not defined, nor is -2^31 / -1

const whole = (...data: readonly number[]): Sample => row("int32", data);
const index = (f: Traceable, shape: readonly number[], ...indices: Sample[]): Case[] =>
  all.map((dtype) => ({ f, args: [some(dtype, ...shape), ...indices] }));

/** A convolution of images with two axes. `padding`: above, below, left and right. */
const convolve =
  (
    [above, below, left, right]: readonly [number, number, number, number] = [0, 0, 0, 0],
    strides = [1, 1],
    options: Parameters<typeof lax.convGeneralDilated>[4] = {},
  ): Binary =>
  (x, w) => {
    const padding: [number, number][] = [
      [above, below],
      [left, right],
    ];
    return lax.convGeneralDilated(x, w, strides, padding, options);
  };

const products = (shapes: readonly [readonly number[], readonly number[]], f: Binary): Case[] => {
  const product: Numeric = (a, b) => f(a, b);
  return [
    ...of(numbers, shapes, product, { units: 4 }),
    ...of(["bool"], shapes, product, { wasm: "wasm counts booleans" }),
  ];
};

const flattened: Unary = (x) => np.broadcastTo(x, [2, 3]).reshape([6]);

const pair =
  (f: Binary): Numeric =>
  (x, w) =>
    f(x, w);
const vmapped = (f: Binary): Numeric => vmap(f as never) as unknown as Numeric;

const images = [2, 3, 6, 5];
const filters = [4, 3, 3, 2];
const convTypes: readonly DType[] = [...floats, ...wholes];
/** The gradients of the sum of the squares of a function's results. */
const squaresOf = (f: Numeric, ...argnums: number[]): Traceable =>
  gradientsOf((...arrays) => np.square(f(...arrays)).sum(), ...argnums);

const reduceWindow = lax.reduceWindow as unknown as (
  x: np.Array,
  f: Unary,
  size: number[],
  strides: number[],
) => np.Array;
const windows = (size: number[], strides: number[]) => (x: np.Array) =>
  reduceWindow(x, (window) => np.max(window), size, strides);
const windowSums = (size: number[], strides: number[]) =>
  squaresOf((x) => reduceWindow(x, (window) => np.sum(window), size, strides), 0);

const castTo = (to: DType, from: readonly DType[], by: Edges, close: Closeness = {}): Case[] =>
  unary(
    (x) => x.astype(to as np.DType),
    from.filter((dtype) => dtype !== to),
    close,
    by,
  );

/** Functions of each primitive, in each type that jax-js has it for. */
const cases = {
  add: [
    ...binary((a, b) => a.add(b), all),
    ...of(numbers, [[3]], (x) => x.add(-1.5)), // jax-js takes the number in the array's type
    ...of(["float32"], [[3]], (x) => np.multiply(np.array([0.1, 0.2, 0.3]), x).add(np.arange(3))),
  ],
  mul: [
    ...binary((a, b) => a.mul(b), [...floats, "bool"]),
    ...binary((a, b) => a.mul(b), wholes, edges, { cpuFault: "cpu loses the last bits of large products" }),
  ],
  idiv: [
    ...wholes.map((dtype): Case => ({
      f: (a, b) => [a.div(b)],
      args: [column(dtype, edges[dtype]), row(dtype, divisors[dtype])],
    })),
    ...of(floats, [[3, 4]], np.trunc),
    ...unary(np.trunc, floats),
  ],
  mod: [
    ...numbers.map((dtype): Case => ({
      f: (a, b) => [a.mod(b)],
      args: [column(dtype, edges[dtype]), row(dtype, divisors[dtype])],
      ...(floats.includes(dtype) && {
        wasm: "wasm takes it for x - trunc(x / y) y, which is wrong for large x and for infinite y",
      }),
    })),
  ],
  min: binary(np.minimum, all),
  max: [...binary(np.maximum, all), ...of(all, [[2, 3]], (x) => np.maximum(x, 0))],
  bit_combine: [np.bitwiseAnd, np.bitwiseOr, np.bitwiseXor].flatMap((f) => binary(f, [...wholes, "bool"])),
  bit_shift: [np.leftShift, np.rightShift].flatMap((f) => [
    ...wholes.map((dtype): Case => ({
      f: (x, by) => [f(x, by)],
      args: [column(dtype, edges[dtype]), row(dtype, [0, 1, 5, 31, 33])],
    })),
    ...of(wholes, [[4]], (x) => f(x, np.array([3], { dtype: np.int32 }))),
  ]),
  bit_count: unary(np.bitwiseCount, wholes),
  neg: unary((x) => x.neg(), numbers),
  reciprocal: unary(np.reciprocal, floats),
  floor: unary(np.floor, floats),
  ceil: unary(np.ceil, floats),
  stop_gradient: unary((x) => lax.stopGradient(x), all),
  cast: [
    ...castTo("float32", all, ranged),
    ...castTo("float64", all, edges),
    ...castTo("float16", all, edges, half),
    ...castTo("int32", all, edges),
    ...castTo("uint32", all, edges),
    ...castTo("bool", ["float32", "float64", ...wholes], edges, { cpuFault: "cpu takes NaN for false" }),
    ...castTo("bool", ["float16"], numbersOnly),
  ],
  bitcast: (["float32", "int32", "uint32"] as const).flatMap((from) =>
    (["float32", "int32", "uint32"] as const).flatMap((to) =>
      from === to ? [] : of([from], [[2, 3]], (x) => lax.bitcastConvertType(x, to as np.DType)),
    ),
  ),
  sin: unary(np.sin, floats, approximate(), ranged),
  cos: unary(np.cos, floats, approximate(), ranged),
  asin: unary(np.asin, floats, approximate()),
  atan: unary(np.atan, floats, approximate()),
  exp: unary(np.exp, floats, approximate()),
  log: unary(np.log, floats, approximate(), ranged),
  erf: unary(lax.erf, floats, approximate(3)),
  erfc: unary(lax.erfc, floats, approximate(3)),
  sqrt: unary(np.sqrt, floats),
  reduce: [
    ...[np.sum, np.prod, np.min, np.max].flatMap((f) => [
      ...of(numbers, [[2, 3, 4]], (x) => f(x, 1), { units: 4 }),
      ...of(numbers, [[2, 3, 4]], (x) => f(x, [0, 2]), { units: 4 }),
      ...of(numbers, [[1, 3, 1]], (x) => f(x, [0, 2]), { units: 4 }),
      ...of(numbers, [[3]], (x) => f(x), { units: 4 }),
      ...of(["bool"], [[2, 3, 4]], (x) => f(x, 1), f === np.sum ? { wasm: "wasm counts booleans" } : {}),
    ]),
    ...[np.min, np.max].flatMap((f) => unary((x) => f(x), all, {}, numbersOnly)),
    ...of(["float32"], [[0, 3]], (x) => np.sum(x, 0)),
  ],
  dot: [
    ...products([[3], [3]], np.dot),
    ...products(
      [
        [2, 3],
        [3, 4],
      ],
      np.matmul,
    ),
    ...products([[2, 3], [3]], np.dot),
    ...products(
      [
        [5, 2, 3],
        [5, 3, 4],
      ],
      np.matmul,
    ),
    ...products(
      [
        [5, 2, 3],
        [3, 4],
      ],
      np.matmul,
    ),
    ...products(
      [
        [1, 3],
        [3, 1],
      ],
      np.matmul,
    ),
    ...products(
      [
        [3, 1],
        [1, 4],
      ],
      np.matmul,
    ),
    ...products(
      [
        [2, 3, 4],
        [4, 3, 5],
      ],
      (a, b) => np.einsum("bij,jik->kb", a, b),
    ),
    ...products(
      [
        [2, 3],
        [2, 3],
      ],
      (a, b) => np.einsum("bi,bi->b", a, b),
    ),
    ...products([[3], [3]], (a, b) => np.vecdot(np.broadcastTo(a, [2, 3]), np.broadcastTo(b, [2, 3]))),
    ...products(
      [
        [2, 1],
        [2, 1],
      ],
      (a, b) => np.vecdot(np.broadcastTo(a, [2, 3]), np.broadcastTo(b, [2, 3])),
    ),
    ...products(
      [
        [2, 1],
        [2, 1],
      ],
      (a, b) => np.dot(flattened(a), flattened(b)),
    ),
  ],
  conv: [
    ...[
      convolve(),
      convolve([1, 1, 0, 2], [2, 1]),
      convolve([-1, 2, 1, -1], [1, 2]),
      convolve([2, 0, 1, 1], [1, 1], { rhsDilation: [2, 3] }),
      convolve([1, 2, 0, 1], [1, 1], { lhsDilation: [2, 3] }),
      convolve([5, 2, 0, -1], [1, 1], { lhsDilation: [2, 3] }),
      convolve([1, -1, 3, 1], [3, 2], { lhsDilation: [2, 1], rhsDilation: [1, 2] }),
    ].flatMap((f) => of(convTypes, [images, filters], pair(f), { units: 8 })),
    ...[
      convolve([1, 1, 0, 1], [2, 1], { featureGroupCount: 2 }),
      convolve([0, 0, 0, 0], [1, 1], { featureGroupCount: 2, lhsDilation: [2, 2] }),
    ].flatMap((f) =>
      of(
        convTypes,
        [
          [2, 4, 6, 5],
          [6, 2, 3, 2],
        ],
        pair(f),
        { units: 8 },
      ),
    ),
    ...of(
      convTypes,
      [
        [2, 3, 7],
        [4, 3, 3],
      ],
      (x, w) => lax.conv(x, w, [2], "SAME"),
      { units: 8 },
    ),
    ...of(
      convTypes,
      [
        [2, 3],
        [4, 3],
      ],
      (x, w) => lax.conv(x, w, [], "VALID"),
      { units: 8 },
    ),
    ...of(
      ["float32", "float64"],
      [
        [1, 2, 4, 3, 3],
        [3, 2, 2, 2, 2],
      ],
      (x, w) => lax.conv(x, w, [1, 1, 1], "SAME"),
      { units: 8 },
    ),
    ...of(
      floats,
      [
        [5, ...images],
        [5, ...filters],
      ],
      vmapped(convolve([1, 0, 0, 1], [2, 1])),
      { units: 8 },
    ),
    ...[
      convolve([1, 1, 1, 0], [2, 2]),
      convolve([1, 1, 1, 0], [1, 1], { rhsDilation: [2, 1] }),
      convolve([0, 1, 2, 0], [3, 2], { rhsDilation: [1, 2] }),
    ].flatMap((f) => of(["float32", "float64"], [images, filters], squaresOf(pair(f), 0, 1), { units: 64 })),
    ...of(
      ["float32"],
      [
        [2, 4, 6, 5],
        [6, 2, 3, 2],
      ],
      squaresOf(pair(convolve([1, 1, 0, 1], [2, 2], { featureGroupCount: 2 })), 0, 1),
      { units: 64 },
    ),
  ],
  pool: [
    ...of(all, [[2, 6, 6]], windows([2, 2], [2, 2])),
    ...of(all, [[2, 7, 5]], windows([3, 2], [2, 1])),
    ...of(all, [[2, 7, 5]], windows([2, 1], [3, 2])),
    ...of(all, [[7]], windows([3], [3])),
  ],
  pool_transpose: [
    ...of(floats, [[2, 6, 6]], windowSums([2, 2], [2, 2]), { units: 4 }),
    ...of(floats, [[2, 7, 5]], windowSums([3, 2], [2, 1]), { units: 4 }),
    ...of(floats, [[2, 8, 5]], windowSums([5, 3], [2, 1]), { units: 4 }),
    ...of(floats, [[2, 7, 5]], windowSums([2, 1], [3, 2]), { units: 4 }),
    ...of(floats, [[7]], windowSums([3], [3]), { units: 4 }),
  ],
  compare: [np.less, np.lessEqual, np.equal, np.notEqual, np.greater, np.greaterEqual].flatMap((f) => [
    ...binary(f, numbers),
    ...binary(f, ["bool"], edges, { wasm: "wasm does not compare booleans" }),
    ...of(numbers, [[5]], (x) => f(x, 0.5)),
  ]),
  where: [
    ...all.map((dtype): Case => ({
      f: (x, a, b) => [np.where(x, a, b)],
      args: [
        sample("bool", [2, 1], [0, 1]),
        row(dtype, edges[dtype]),
        column(dtype, edges[dtype].slice(0, 2)),
      ],
    })),
    ...of(all, [[3]], (x) => np.where(np.greater(x.ref, 0), x, 1)),
  ],
  concatenate: [
    ...of(
      all,
      [
        [2, 3],
        [1, 3],
        [2, 3],
      ],
      (...parts) => np.concatenate(parts, 0),
    ),
    ...of(
      all,
      [
        [2, 3],
        [2, 1],
      ],
      (...parts) => np.concatenate(parts, -1),
    ),
  ],
  split: of(all, [[2, 5]], (x) => np.split(x, [1, 3], 1)),
  random_bits: [
    { f: (key: np.Array) => [random.bits(key, [3, 5])], args: [row("uint32", [7, 2 ** 32 - 3])] },
    { f: (key: np.Array) => [random.bits(key)], args: [row("uint32", [0, 1])] },
    { f: (key: np.Array) => [random.split(key, 4) as np.Array], args: [row("uint32", [3, 9])] },
    {
      f: vmap((key: np.Array) => [random.bits(key, [3])]),
      args: [sample("uint32", [2, 2], [1, 2, 3, 4])],
    },
  ],
  gather: [
    ...index((x, i) => [np.take(x, i, 0)], [4, 3], whole(3, 0, 0)),
    ...index((x, i) => [np.take(x, i, 1)], [4, 3], sample("uint32", [2, 2], [2, 0, 1, 1])),
    ...index((x, i, j) => [x.slice(i, [], j)], [4, 3, 5], whole(3, 0), whole(4, 2)),
    ...index((x, i, j) => [x.slice([], i, j)], [4, 3, 5], sample("int32", [2, 1], [2, 0]), whole(4, 2, 0)),
    ...index((x, i) => [x.slice(i)], [4, 3], sample("int32", [], [2])),
  ],
  transpose: [
    ...of(all, [[2, 3, 4]], (x) => np.transpose(x, [2, 0, 1])),
    ...of(all, [[2, 1, 3]], (x) => np.transpose(x, [1, 0, 2])),
  ],
  broadcast: [
    ...of(all, [[3]], (x) => np.broadcastTo(x, [2, 3])),
    ...of(all, [[3, 1]], (x) => np.broadcastTo(x, [2, 3, 4])),
    ...of(all, [[]], (x) => np.broadcastTo(x, [2])),
    ...of(
      ["float32"],
      [[2, 3]],
      squaresOf((x) => x.sum(1), 0),
    ),
  ],
  reshape: of(all, [[2, 3, 4]], (x) => x.reshape([4, 1, 6])),
  flip: [...of(all, [[2, 3]], (x) => np.flip(x, 1)), ...of(all, [[2, 3]], (x) => np.flip(x))],
  shrink: of(all, [[3, 4]], (x) => x.slice([1, 3], [0, 2])),
  pad: [
    ...of(all, [[2, 3]], (x) =>
      np.pad(x, [
        [1, 0],
        [0, 2],
      ]),
    ),
    ...of(all, [[3]], (x) => np.pad(x, 1)),
  ],
  sort: [
    ...of(all, [[3, 7]], (x) => np.sort(x)),
    ...all.map((dtype): Case => ({ f: (x) => [np.sort(x)], args: [row(dtype, edges[dtype])] })),
  ],
  argsort: [
    ...of(all, [[3, 7]], (x) => np.argsort(x)),
    ...all.map((dtype): Case => ({
      f: (x) => [np.argsort(x)],
      args: [row(dtype, [...edges[dtype], ...edges[dtype]])],
    })),
  ],
  scatter: [
    ...floats.flatMap((dtype): Case[] => [
      {
        f: squaresOf((x, i) => np.take(x, i, 0), 0),
        args: [some(dtype, 4, 3), whole(3, 0, 3, 3)],
        units: 4,
      },
      {
        f: squaresOf((x, i) => np.take(x, i, 1), 0),
        args: [some(dtype, 2, 4, 3), sample("uint32", [2, 2], [1, 0, 1, 2])],
        units: 4,
      },
      {
        f: squaresOf((x, i, j) => x.slice(i, [], j), 0),
        args: [some(dtype, 4, 3, 5), sample("int32", [2, 1], [2, 0]), whole(4, 2, 4)],
        units: 4,
      },
      {
        f: gradientsOf((x, i, weights) => np.take(x, i, 0).mul(weights).sum(), 0), // with one index outside, which is left out
        args: [some(dtype, 4, 3), whole(3, 0, 9, 3), some(dtype, 4, 3)],
        units: 4,
      },
    ]),
  ],
  triangular_solve: of(
    ["float32"],
    [
      [2, 2],
      [2, 2],
    ],
    (a, b) => lax.linalg.triangularSolve(a, b),
  ),
  cholesky: of(["float32"], [[2, 2]], (a) => lax.linalg.cholesky(a)),
  lu: of(["float32"], [[2, 2]], (a) => lax.linalg.lu(a)),
  jacobi_eigh: of(["float32"], [[2, 2]], (a) => lax.linalg.eigh(a)),
  fft: of(["float32"], [[4], [4]], (a, b) => Object.values(np.fft.fft({ real: a, imag: b }))),
  jit: of(all, [[2, 3]], (x) => jit((a: np.Array) => a.ref.mul(a))(x)),
} satisfies Record<JaxprPrimitive, readonly Case[]>;

/** What is not compiled, and says so. */
const refused: readonly JaxprPrimitive[] = ["triangular_solve", "cholesky", "lu", "jacobi_eigh", "fft"];

/** onnxruntime-node cannot be fed float16: such a function takes float32 and casts. */
function fed({ f, args, ...close }: Case): Case {
  if (!args.some(({ dtype }) => dtype === "float16")) return { f, args, ...close };
  const casting: Traceable = (...arrays) =>
    f(...arrays.map((array, i) => (args[i]?.dtype === "float16" ? array.astype(np.float16) : array)));
  return {
    ...close,
    f: casting,
    args: args.map((arg) => (arg.dtype === "float16" ? { ...arg, dtype: "float32" as const } : arg)),
    wasm: "wasm has no float16",
  };
}

beforeAll(async () => {
  await init("cpu", "wasm");
});

const rows = (Object.entries(cases) as [JaxprPrimitive, readonly Case[]][]).map(
  ([primitive, list]) => [primitive, list.map(fed)] as const,
);
const compiledRows = rows.filter(([primitive]) => !refused.includes(primitive));

describe.each(compiledRows)("%s", (primitive, list) => {
  test("stands in the jaxpr of each of its cases", () => {
    for (const { f, args } of list) {
      const primitives = new Set<string>(trace(f, args).operations.map((operation) => operation.primitive));
      expect(
        primitive === "jit" || primitives.has(primitive),
        `${[...primitives].join()} of ${describeArgs(args)}`,
      ).toBe(true);
    }
  });

  test("is the same in jax-js's cpu, its wasm and onnx, with passes and without", async () => {
    expect(list.length).toBeGreaterThan(0);
    for (const { f, args, units = 0, wasm = units, cpuFault } of list) {
      const what = `${primitive} of ${describeArgs(args)}`;
      const byCpu = await runJax(f, args, "cpu");
      const byWasm = typeof wasm === "number" ? await runJax(f, args, "wasm") : byCpu;
      if (typeof wasm === "number" && !cpuFault)
        expectClose(inFloat32(byWasm), inFloat32(byCpu), wasm, `wasm: ${what}`);
      const expected = cpuFault ? byWasm : byCpu;
      expectClose(
        await runOnnx(lower(trace(f, args)), args),
        expected,
        units,
        `onnx without passes: ${what}`,
      );
      expectClose(await runOnnx(compile(f, args), args), expected, units, `onnx: ${what}`);
    }
  });
});

test.each(rows.filter(([primitive]) => refused.includes(primitive)))(
  "%s is refused by its name",
  (primitive, [one]) => {
    const { f, args } = one as Case;
    const naming = new RegExp(
      `the engine onnx must find .* "${primitive}" has none: .+; choose the engine jax`,
    );
    expect(() => lower(trace(f, args))).toThrow(naming);
    expect(() => compile(f, args)).toThrow(naming);
  },
);

/** The precision in which wasm computes functions. */
const inFloat32 = (samples: readonly Sample[]): Sample[] =>
  samples.map((one) => (one.dtype === "float64" ? { ...one, dtype: "float32" } : one));

const describeArgs = (args: readonly Sample[]): string =>
  args.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join(" ");
