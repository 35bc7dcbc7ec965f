import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { array, assert, double, integer, property, tuple } from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

import { linear } from "../../src/nn/kinds/linear.ts";
import { dense } from "../../src/response/dense.ts";
import { factored } from "../../src/response/factored.ts";

/*
 * The layers of a response with a random h for every example against the weights themselves, W0 + Θ h, made one example after the
 * other in plain numbers from the definitions.
 */

const [INPUTS, OUTPUTS, SIZE] = [3, 2, 2] as const;
const fc = linear({ name: "fc", inputs: INPUTS, outputs: OUTPUTS });
type Matrix = number[][];

const number = double({ min: -3, max: 3, noNaN: true });
const vector = (length: number) => array(number, { minLength: length, maxLength: length });
const matrix = (rows: number, columns: number) =>
  array(vector(columns), { minLength: rows, maxLength: rows });
/** x, h, W0 and b0 for one to four examples. */
const layer = integer({ min: 1, max: 4 }).chain((rows) =>
  tuple(matrix(rows, INPUTS), matrix(rows, SIZE), matrix(INPUTS, OUTPUTS), vector(OUTPUTS)),
);
const f64 = (values: unknown) => np.array(values as number[], { dtype: np.float64 });

beforeAll(async () => {
  await init("wasm");
  defaultDevice("wasm");
});

/** The layer's outputs and squared weights, example by example, from the weights at each h. */
function explicit(
  x: Matrix,
  h: Matrix,
  weightAt: (h: number[]) => Matrix,
  biasAt: (h: number[]) => number[],
) {
  return x.map((row, k) => {
    const own = h[k] as number[];
    const [weight, bias] = [weightAt(own), biasAt(own)];
    return {
      y: bias.map((b, o) => row.reduce((sum, v, i) => sum + v * at(weight, i, o), b)),
      squares: weight.flat().reduce((sum, w) => sum + w * w, 0),
    };
  });
}

const at = (values: readonly (readonly number[])[], i: number, j: number): number =>
  (values[i] as readonly number[])[j] as number;

function agree(actual: { y: np.Array; norm: np.Array }, expected: ReturnType<typeof explicit>): void {
  const [y, norm] = [[...actual.y.dataSync()], [...actual.norm.dataSync()]];
  expected.forEach((row, k) => {
    row.y.forEach((v, o) =>
      expect(Math.abs((y[k * OUTPUTS + o] as number) - v)).toBeLessThan(1e-10 * (1 + Math.abs(v))),
    );
    expect(Math.abs((norm[k] as number) - row.squares)).toBeLessThan(1e-10 * (1 + row.squares));
  });
}

describe("the factored response of a layer is its explicit weight matrix", () => {
  test("in outputs and squared weights, for any response of each example", () => {
    const response = tuple(
      matrix(SIZE, OUTPUTS),
      matrix(INPUTS, OUTPUTS),
      matrix(SIZE, OUTPUTS),
      vector(OUTPUTS),
    );
    assert(
      property(
        layer,
        response,
        ([x, h, weight, bias], [weightGain, weightDirection, biasGain, biasDirection]) => {
          const layers = factored.layers(
            { fc: { weight: f64(weight), bias: f64(bias) } },
            {
              fc: {
                weightGain: f64(weightGain.map((gains) => [gains])),
                weightDirection: f64(weightDirection),
                biasGain: f64(biasGain),
                biasDirection: f64(biasDirection),
              },
            },
            f64(h),
          );
          const gain = (own: number[], gains: Matrix, o: number) =>
            own.reduce((sum, v, j) => sum + v * at(gains, j, o), 0);
          agree(
            { y: layers.apply(fc, f64(x)), norm: layers.squaredNorm(fc) },
            explicit(
              x,
              h,
              (own) =>
                weight.map((row, i) =>
                  row.map((w, o) => w + gain(own, weightGain, o) * at(weightDirection, i, o)),
                ),
              (own) => bias.map((b, o) => b + gain(own, biasGain, o) * (biasDirection[o] as number)),
            ),
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("the dense response of a layer is its explicit weight matrix", () => {
  test("in outputs and squared weights, for any response of each example", () => {
    const response = tuple(
      matrix(INPUTS, OUTPUTS),
      matrix(INPUTS, OUTPUTS),
      vector(OUTPUTS),
      vector(OUTPUTS),
    );
    assert(
      property(layer, response, ([x, h, weight, bias], [first, second, firstBias, secondBias]) => {
        const layers = dense.layers(
          { fc: { weight: f64(weight), bias: f64(bias) } },
          { fc: { weight: f64([first, second]), bias: f64([firstBias, secondBias]) } },
          f64(h),
        );
        const along = ([a, b]: number[], one: number, two: number) =>
          (a as number) * one + (b as number) * two;
        agree(
          { y: layers.apply(fc, f64(x)), norm: layers.squaredNorm(fc) },
          explicit(
            x,
            h,
            (own) =>
              weight.map((row, i) => row.map((w, o) => w + along(own, at(first, i, o), at(second, i, o)))),
            (own) => bias.map((b, o) => b + along(own, firstBias[o] as number, secondBias[o] as number)),
          ),
        );
      }),
      { numRuns: 40 },
    );
  });
});
