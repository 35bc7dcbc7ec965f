import { defaultDevice, grad, init, jit, jvp, numpy as np, vjp } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import { HypertrainError } from "../util/error.ts";
import { accuracy, crossEntropy, gaussianNll, squaredError, tokenCrossEntropy } from "./loss.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const matrix = (rows: number[][]): np.Array => np.array(rows, { dtype: np.float64 });
const labels = (classes: number[]): np.Array => np.array(classes, { dtype: np.int32 });
const sumOfProducts = (a: np.Array, b: np.Array): number => a.mul(b).sum().item() as number;

const X = [
  [0.2, -1.5, 3],
  [2, 2, -0.7],
];
const Y = [
  [1, 0, 0],
  [-0.5, 2.25, 4],
];
const DIRECTION = [
  [0.3, -0.8, 0.5],
  [-1, 0.1, 0.7],
];
const COTANGENT = [1.7, -0.4];

const closedCrossEntropy = (row: number[], k: number): number =>
  Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - (row[k] as number);

/** Each loss as a function of its first argument, with the values of its closed form. */
const losses: Record<
  string,
  { loss: (x: np.Array) => np.Array; closedForm: (row: number[], i: number) => number }
> = {
  crossEntropy: {
    loss: (x) => crossEntropy(x, labels([2, 0])),
    closedForm: (row, i) => closedCrossEntropy(row, [2, 0][i] as number),
  },
  tokenCrossEntropy: {
    loss: (x) => tokenCrossEntropy(x, labels([2, 0])),
    closedForm: (row, i) => closedCrossEntropy(row, [2, 0][i] as number),
  },
  squaredError: {
    loss: (x) => squaredError(x, matrix(Y)),
    closedForm: (row, i) => row.reduce((sum, f, o) => sum + (f - (Y[i]?.[o] as number)) ** 2, 0) / 3,
  },
  gaussianNll: {
    loss: (x) => gaussianNll(x, matrix(Y), 0.3),
    closedForm: (row, i) =>
      row.reduce((sum, f, o) => {
        const density = Math.exp(-((f - (Y[i]?.[o] as number)) ** 2) / 0.6) / Math.sqrt(2 * Math.PI * 0.3);
        return sum - Math.log(density);
      }, 0) / 3,
  },
};

describe.each(Object.entries(losses))("%s", (_, { loss, closedForm }) => {
  test("has the values of its closed form, one per example", () => {
    const values = loss(matrix(X));
    expect(values.shape).toEqual([2]);
    values.dataSync().forEach((value, i) => expect(value).toBeCloseTo(closedForm(X[i] as number[], i), 12));
  });

  test("has the derivative of its central differences", () => {
    const h = 1e-5;
    const at = (sign: number) =>
      loss(matrix(X).add(matrix(DIRECTION).mul(np.array(sign * h, { dtype: np.float64 })))).dataSync();
    const [above, below] = [at(1), at(-1)];
    const [, tangent] = jvp(loss, [matrix(X)], [matrix(DIRECTION)]);
    tangent.dataSync().forEach((d: number, i: number) => {
      const difference = ((above[i] as number) - (below[i] as number)) / (2 * h);
      expect(Math.abs(d - difference)).toBeLessThan(1e-6 * Math.abs(difference));
    });
  });

  test("has a vjp that is its jvp's transpose", () => {
    const [, tangent] = jvp(loss, [matrix(X)], [matrix(DIRECTION)]);
    const cotangent = np.array(COTANGENT, { dtype: np.float64 });
    const [, pullback] = vjp(loss, [matrix(X)]);
    const [pulled] = pullback(cotangent.ref);
    expect(sumOfProducts(pulled, matrix(DIRECTION))).toBeCloseTo(sumOfProducts(tangent, cotangent), 12);
  });

  test("has second derivatives, forward over reverse and reverse over forward", () => {
    const gradient = grad((x: np.Array) => loss(x).sum());
    const [, forwardOverReverse] = jvp(gradient, [matrix(X)], [matrix(DIRECTION)]);
    const reverseOverForward = grad((x: np.Array) => jvp(loss, [x], [matrix(DIRECTION)])[1].sum())(matrix(X));
    const h = 1e-5;
    const at = (sign: number) =>
      gradient(matrix(X).add(matrix(DIRECTION).mul(np.array(sign * h, { dtype: np.float64 })))).dataSync();
    const [above, below, other] = [at(1), at(-1), reverseOverForward.dataSync()];
    forwardOverReverse.dataSync().forEach((d: number, i: number) => {
      const difference = ((above[i] as number) - (below[i] as number)) / (2 * h);
      expect(Math.abs(d - difference)).toBeLessThan(1e-6 * Math.abs(difference) + 1e-9);
      expect(other[i]).toBeCloseTo(d, 12);
    });
  });

  test("is the same when compiled", () => {
    const compiled = jit(loss)(matrix(X)).dataSync();
    loss(matrix(X))
      .dataSync()
      .forEach((value, i) => expect(compiled[i]).toBeCloseTo(value, 6));
  });
});

test("steps whose class is none have no loss of tokens and no gradient", () => {
  const z = np.array([...X, ...Y].flat(), { shape: [2, 2, 3], dtype: np.float64 });
  const k = () => np.array([2, -1, -2, 0], { shape: [2, 2], dtype: np.int32 });
  const loss = (x: np.Array) => tokenCrossEntropy(x, k());
  const expected = [closedCrossEntropy(X[0] as number[], 2), 0, 0, closedCrossEntropy(Y[1] as number[], 0)];
  [...loss(z.ref).dataSync()].forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 12));
  const slopes = [...grad((x: np.Array) => loss(x).sum())(z).dataSync()];
  expect(slopes.slice(3, 9).map(Math.abs)).toEqual(new Array(6).fill(0));
  expect(Math.min(...[...slopes.slice(0, 3), ...slopes.slice(9)].map(Math.abs))).toBeGreaterThan(1e-3);
});

test("a label without an output has an infinite loss; of tokens a negative one is none", () => {
  const of = (loss: typeof crossEntropy, wrong: number) => [
    ...loss(matrix(X), labels([wrong, 0])).dataSync(),
  ];
  const right = expect.closeTo(closedCrossEntropy(X[1] as number[], 0), 12) as number;
  expect(of(crossEntropy, 3)).toEqual([Infinity, right]);
  expect(of(crossEntropy, -1)).toEqual([Infinity, right]);
  expect(of(tokenCrossEntropy, 3)).toEqual([Infinity, right]);
  expect(of(tokenCrossEntropy, -1)).toEqual([0, right]);
});

test.each([crossEntropy, tokenCrossEntropy])(
  "$name is finite, and so is its gradient, for logits of 1e4",
  (ofLogits) => {
    const loss = (x: np.Array) => ofLogits(x, labels([1, 0]));
    const logits = () =>
      np.array(
        [
          [1e4, -1e4, 0],
          [1e4, -1e4, 1e4],
        ],
        { dtype: np.float32 },
      );
    expect(loss(logits()).dataSync()[0]).toBe(2e4);
    expect(loss(logits()).dataSync()[1]).toBeCloseTo(Math.log(2), 6);
    const slopes = [...grad((x: np.Array) => loss(x).sum())(logits()).dataSync()];
    expect(slopes).toEqual([1, -1, 0, -0.5, 0, 0.5]);
  },
);

test("a standard deviation of 0.1 makes the Gaussian loss 50 MSE - 1.3836466", () => {
  const loss = gaussianNll(matrix(X), matrix(Y), 0.01).dataSync();
  squaredError(matrix(X), matrix(Y))
    .dataSync()
    .forEach((mse, i) => expect(loss[i]).toBeCloseTo(50 * mse - 1.3836466, 7));
});

test("a variance that cannot be is refused", () => {
  expect(() => gaussianNll(matrix(X), matrix(Y), 0)).toThrow(HypertrainError);
  expect(() => gaussianNll(matrix(X), matrix(Y), NaN)).toThrow(
    "`variance` of gaussianNll must be a number, above 0, but got NaN",
  );
});

test("accuracy is 1 where the first greatest logit is the label's", () => {
  const values = accuracy(matrix([...X, ...X]), labels([2, 0, 1, 1]));
  expect(values.dtype).toBe(np.float64);
  expect([...values.dataSync()]).toEqual([1, 1, 0, 0]);
});

test("losses keep float32", () => {
  const f32 = (rows: number[][]) => np.array(rows, { dtype: np.float32 });
  expect(crossEntropy(f32(X), labels([0, 1])).dtype).toBe(np.float32);
  expect(gaussianNll(f32(X), f32(Y), 0.1).dtype).toBe(np.float32);
  expect(accuracy(f32(X), labels([0, 1])).dtype).toBe(np.float32);
});
