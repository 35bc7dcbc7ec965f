import { defaultDevice, grad, init, jit, numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

import { HypertrainError } from "../util/error.ts";
import { choice } from "./choice.ts";
import { integer } from "./integer.ts";
import { real } from "./real.ts";
import {
  createSpace,
  initialScales,
  naturalArrays,
  naturalBand,
  perturbationColumns,
  toNatural,
  toUnconstrained,
  tunableScales,
  unconstrainedStart,
  type Hyper,
} from "./space.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu"); // its exp and log are exact
});

const hypers = {
  dropout: real(0.05, { low: 0, high: 0.95 }),
  activation: choice("relu", { options: ["relu", "tanh"] }),
  holes: integer(1, { low: 0, high: 5, scale: 0.5 }),
  decay: real(1e-3, { log: true, shape: [2, 3], scale: 2, tuneScale: false, perturb: "minibatch" }),
} satisfies Record<string, Hyper>;
const space = createSpace(hypers);
const values = { dropout: 0.3, activation: "tanh", holes: 4, decay: [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1] };

describe("a space", () => {
  test("lists its names in order and counts the coordinates, one for a choice", () => {
    expect(space.names).toEqual(["dropout", "activation", "holes", "decay"]);
    expect(space.size).toBe(9);
  });

  test("cannot be changed", () => {
    expect(() => Object.assign(space.hypers, { extra: real(1) })).toThrow(TypeError);
    expect(() => Object.assign(hypers.dropout, { start: 1 })).toThrow(TypeError);
    expect(() => (hypers.decay.shape as unknown as number[]).push(1)).toThrow(TypeError);
  });

  test("starts at its starts", () => {
    expect(toNatural(space, unconstrainedStart(space))).toEqual({
      dropout: expect.closeTo(0.05, 12),
      activation: "relu",
      holes: 1,
      decay: Array.from({ length: 6 }, () => expect.closeTo(1e-3, 12)),
    });
  });

  test("describes each coordinate's perturbation", () => {
    const scales = Array.from(initialScales(space), (s) => Math.log1p(Math.exp(s)));
    [1, 1, 0.5, 2, 2, 2, 2, 2, 2].forEach((scale, i) => expect(scales[i]).toBeCloseTo(scale, 12));
    expect([...tunableScales(space)]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect(perturbationColumns(space)).toEqual([
      "example",
      "minibatch",
      "example",
      ...Array(6).fill("minibatch"),
    ]);
  });

  test("may be empty", () => {
    const empty = createSpace({});
    expect(empty.size).toBe(0);
    expect(naturalArrays(empty, np.zeros([3, 0]))).toEqual({});
  });
});

describe("natural and unconstrained values", () => {
  test("are each other's inverse", () => {
    const natural = toNatural(space, toUnconstrained(space, values));
    expect(natural).toEqual({
      dropout: expect.closeTo(0.3, 12),
      activation: "tanh",
      holes: 4,
      decay: values.decay.map((x) => expect.closeTo(x, 12)),
    });
  });

  test("do not depend on the order of names, which orders the vector", () => {
    const names = Object.keys(hypers) as (keyof typeof hypers)[];
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (order) => {
        const permuted = createSpace(Object.fromEntries(order.map((name) => [name, hypers[name]])));
        const width = { dropout: 1, activation: 1, holes: 1, decay: 6 };
        const blocks = { dropout: [0, 1], activation: [1, 2], holes: [2, 3], decay: [3, 9] } as const;
        const u = toUnconstrained(space, values);
        const expected = order.flatMap((name) => [...u.subarray(...blocks[name])]);
        expect([...toUnconstrained(permuted, values)]).toEqual(expected);
        expect(toNatural(permuted, expected)).toEqual(toNatural(space, u));
        expect(permuted.size).toBe(order.reduce((size, name) => size + width[name], 0));
      }),
      { numRuns: 20 },
    );
  });

  test("of a choice are its options, the index of which is its coordinate", () => {
    const at = (activation: string) => toUnconstrained(space, { ...values, activation });
    expect([at("relu")[1], at("tanh")[1]]).toEqual([0, 1]);
    expect(toNatural(space, at("relu").with(1, 0.6)).activation).toBe("tanh"); // rounded to an option
  });

  test.each([
    [{ ...values, droput: 0.1 }, 'but got "droput"'],
    [
      { ...values, dropout: 0.95 },
      'hyperparameter "dropout" must be strictly between 0 and 0.95, but got 0.95',
    ],
    [{ ...values, dropout: NaN }, "but got NaN"],
    [{ ...values, holes: 2.5 }, 'hyperparameter "holes" must be an integer from 0 to 5, but got 2.5'],
    [{ ...values, holes: 6 }, "must be an integer from 0 to 5, but got 6"],
    [{ ...values, decay: [1, 2] }, 'hyperparameter "decay" must have 6 numbers, but got [1,2]'],
    [{ ...values, dropout: "high" }, 'hyperparameter "dropout" must have one number, but got "high"'],
    [
      { ...values, activation: "gelu" },
      'hyperparameter "activation" must be one of "relu", "tanh", but got "gelu"',
    ],
    [{ ...values, holes: undefined as never }, 'hyperparameter "holes" must have one number, but got none'],
  ])("are refused with the reason: %j", (wrong, message) => {
    expect(() => toUnconstrained(space, wrong)).toThrow(HypertrainError);
    expect(() => toUnconstrained(space, wrong)).toThrow(message);
  });

  test("need the whole vector", () => {
    expect(() => toNatural(space, [1, 2])).toThrow("must have the space's 9 coordinates, but got 2");
  });
});

describe("natural values inside programs", () => {
  const rows = [-1, 0, 2].map((shift) => unconstrainedStart(space).map((u, i) => u + shift + 0.1 * i));
  const input = () =>
    np.array(
      rows.map((row) => [...row]),
      { dtype: np.float64 },
    ); // [3, 9]

  test("are those of the host, row by row", () => {
    const arrays = naturalArrays(space, input());
    expect(Object.keys(arrays)).toEqual(["dropout", "activation", "holes", "decay"]);
    expect(arrays.decay?.shape).toEqual([3, 2, 3]);
    expect(arrays.dropout?.shape).toEqual([3]);
    const host = rows.map((row) => toNatural(space, row));
    expect([...(arrays.activation as np.Array).ref.dataSync()]).toEqual(rows.map((row) => row[1]));
    for (const [name, array] of Object.entries(arrays)) {
      if (name === "activation") continue;
      const expected = host.flatMap((row) => row[name] as number);
      array.dataSync().forEach((x, i) => expect(x).toBeCloseTo(expected[i] as number, 12));
    }
  });

  test("consume their input and nothing else", () => {
    const u = input();
    for (const array of Object.values(naturalArrays(space, u.ref))) array.dispose();
    expect(u.refCount).toBe(1);
    u.dispose();
  });

  test("can be compiled and differentiated", () => {
    const total = (u: np.Array) =>
      Object.values(naturalArrays(space, u))
        .map((array) => array.sum())
        .reduce((sum, array) => sum.add(array));
    const slopes = grad(total)(input()).dataSync();
    const compiled = jit(grad(total))(input()).dataSync();
    slopes.forEach((slope: number, i: number) => expect(slope > 0).toBe(i % 9 !== 1)); // a choice has none
    slopes.forEach((slope: number, i: number) => {
      if (slope > 0) expect((compiled[i] as number) / slope).toBeCloseTo(1, 6); // jit rounds number literals to float32
    });
  });
});

describe("a band", () => {
  test("spans one scale to either side", () => {
    const u = toUnconstrained(space, values);
    const sigma = u.map(() => 0.5);
    const band = naturalBand(space, u, sigma);
    const logit = (x: number) => Math.log(x / (0.95 - x));
    expect(logit(band.dropout?.low as number)).toBeCloseTo(logit(0.3) - 0.5, 10);
    expect(logit(band.dropout?.high as number)).toBeCloseTo(logit(0.3) + 0.5, 10);
    expect(band.decay?.low).toBeCloseTo(1e-5 * Math.exp(-0.5), 12);
    expect(band.decay?.high).toBeCloseTo(Math.exp(0.5), 12);
    expect(band.holes).toEqual({
      low: expect.toSatisfy(Number.isInteger),
      high: expect.toSatisfy(Number.isInteger),
    });
  });

  test("has low below high where the transform falls", () => {
    const band = naturalBand(createSpace({ x: real(0, { high: 1 }) }), [0], [1]);
    expect(band.x?.low).toBeLessThan(band.x?.high as number);
  });
});

test("a band of a million elements has its least and its greatest", () => {
  const size = 1e6;
  const space = createSpace({ x: real(0.5, { shape: [size] }) });
  const u = new Float64Array(size);
  u[7] = -5;
  u[size - 1] = 3;
  expect(naturalBand(space, u, new Float64Array(size).fill(0.5))).toEqual({ x: { low: -5.5, high: 3.5 } });
});
