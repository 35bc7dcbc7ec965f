import { expect, test } from "vitest";

import type { HyperPoint } from "../api/trace.ts";
import { choice } from "./choice.ts";
import { farthestWay } from "./distance.ts";
import { integer } from "./integer.ts";
import { real } from "./real.ts";
import { createSpace } from "./space.ts";

const space = createSpace({
  ...{
    rate: real(0.1, { low: 0, high: 1 }),
    l2: real(0.1, { low: 0.01, high: 10, log: true }),
    free: real(1),
  },
  ...{ least: real(6, { low: 5 }), layers: integer(1, { low: 1, high: 101 }) },
  ...{ each: real(0.1, { shape: [2], low: 0 }), kind: choice("a", { options: ["a", "b"] }) },
});

const between = (name: string, from: Omit<HyperPoint, "band">, to: Omit<HyperPoint, "band">) =>
  farthestWay({ [name]: from }, { [name]: to }, space)?.distance;

test("on a log scale, from 0, and in an open range, from its bound, a factor of e is a distance of 1", () => {
  expect(between("l2", { value: 0.02 }, { value: 0.02 / Math.E })).toBeCloseTo(1, 12); // not from its bound
  expect(between("free", { value: 2 }, { value: 2 * Math.E })).toBeCloseTo(1, 12);
  expect(between("free", { value: -2 }, { value: -2 * Math.E })).toBeCloseTo(1, 12);
  expect(between("least", { value: 5.2 }, { value: 5 + 0.2 * Math.E })).toBeCloseTo(1, 12);
});

test("in a closed range a factor counts of what lies farther from a bound than a twentieth of it, of two bounds by the larger", () => {
  expect(between("rate", { value: 0.0001 }, { value: 0.00013 })).toBeCloseTo(0.0006, 5); // .05013 of .0501
  expect(between("rate", { value: 0.3 }, { value: 0.31 })).toBeCloseTo(Math.log(0.36 / 0.35), 12);
  expect(between("rate", { value: 0.05 }, { value: 0.15 })).toBeCloseTo(Math.log(2), 12);
  expect(between("rate", { value: 0.95 }, { value: 0.85 })).toBeCloseTo(Math.log(2), 12);
  expect(between("layers", { value: 1 }, { value: 21 })).toBeCloseTo(Math.log(5), 12); // (20 + 5) / 5, at its bound
});

test("nothing has moved is 0; a change of sign or of a choice is farther than any number", () => {
  expect(between("rate", { value: 0.3 }, { value: 0.3 })).toBe(0);
  expect(between("free", { value: 2 }, { value: -2 })).toBe(Infinity);
  expect(between("kind", { value: "a" }, { value: "b" })).toBe(Infinity);
});

test("of elements the farthest counts, or their mean where a trace has thinned them", () => {
  expect(between("each", { value: [1, 1] }, { value: [1, Math.E] })).toBeCloseTo(1, 12);
  const elements = { count: 5000, q10: 1, q50: 1, q90: 1 };
  expect(between("each", { value: [1, 3] }, { value: 2, elements })).toBe(0);
});

test("the farthest of several is named, and none where there is none", () => {
  const from = { rate: { value: 0.1 }, l2: { value: 0.1 } };
  expect(farthestWay(from, { ...from, l2: { value: 0.2 } }, space)).toEqual({
    ...{ name: "l2", from: { value: 0.1 }, to: { value: 0.2 } },
    distance: Math.log(2),
  });
  expect(farthestWay({}, {}, space)).toBeUndefined();
});
