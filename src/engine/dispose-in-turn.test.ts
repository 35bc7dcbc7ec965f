import { defaultDevice, grad, init, makeJaxpr, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { leavingNoTrace } from "./trace-stack.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

/** More operations in a row than calls have room on the stack. */
const LONG = 6000;

const chain = (x: np.Array, length: number): np.Array => {
  let y = x;
  for (let i = 0; i < length; i++) y = np.negative(y);
  return y;
};

const slopeOf = (length: number) => grad((x: np.Array) => chain(np.square(x), length).sum());
const curvatureOf = (length: number) => grad((x: np.Array) => np.square(slopeOf(length)(x)).sum());

test.each([
  ["a gradient", slopeOf],
  ["a gradient of a gradient", curvatureOf],
])("%s is traced through more operations in a row than calls have room on the stack", (_, of) => {
  const { jaxpr: closed } = makeJaxpr(leavingNoTrace(of(LONG)))(np.array([1, 2]));
  expect(closed.jaxpr.eqns.length).toBeGreaterThan(0);
  expect(closed.jaxpr.outs.map(({ aval }) => aval.shape)).toEqual([[2]]);
  closed.dispose();
});

test("nothing is freed twice, and values are right", () => {
  const x = np.array([1, 2]);
  expect(leavingNoTrace(slopeOf(9))(x.ref).js()).toEqual([-2, -4]);
  expect(leavingNoTrace(curvatureOf(9))(x.ref).js()).toEqual([8, 16]);
  expect(x.js()).toEqual([1, 2]);
});
