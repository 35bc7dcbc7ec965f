import { expect, test } from "vitest";

import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import type { HostArray } from "../util/host-array.ts";
import { drawNoise, drawPerturbation } from "./noise.ts";

const inputs = {
  a: { distribution: "uniform", shape: [3], per: "example" },
  b: { distribution: "uniform", shape: [3], per: "example" },
  c: { distribution: "normal", shape: [2, 2], per: "minibatch" },
} as const;

const drawn = (seed: number, step: number, rows = 5) =>
  drawNoise(inputs, seed, step, rows) as Record<keyof typeof inputs, HostArray>;

test("noise has a row for each example, or one for the minibatch", () => {
  const { a, c } = drawn(0, 0);
  expect(a.shape).toEqual([5, 3]);
  expect(c.shape).toEqual([1, 2, 2]);
  expect(Array.from(a.data).every((u) => u >= 0 && u < 1)).toBe(true);
  expect(Array.from(c.data).some((z) => z < 0)).toBe(true);
});

test("every input has a stream of its own, which the seed and the step change", () => {
  const { a, b } = drawn(0, 0);
  expect(a.data).not.toEqual(b.data);
  expect(drawn(0, 1).a.data).not.toEqual(a.data);
  expect(drawn(1, 0).a.data).not.toEqual(a.data);
  expect(drawn(0, 0).a.data).toEqual(a.data);
});

test("a column that is perturbed per minibatch has one draw, the others one for each row", () => {
  const space = createSpace({
    each: real(0),
    shared: real(0, { perturb: "minibatch" }),
    many: real(0, { shape: [2] }),
  });
  const { data, shape } = drawPerturbation(space, 0, "train", 3, 6);
  expect(shape).toEqual([6, 4]);
  const column = (j: number) => new Set(Array.from({ length: 6 }, (_, row) => data[row * 4 + j]));
  expect([0, 1, 2, 3].map((j) => column(j).size)).toEqual([6, 1, 6, 6]);
});

test("one row is enough where the whole minibatch shares every perturbation", () => {
  const space = createSpace({ a: real(0, { perturb: "minibatch" }), b: real(0, { perturb: "minibatch" }) });
  expect(drawPerturbation(space, 0, "valid", 0, 6).shape).toEqual([1, 2]);
});

test("training and validation have perturbations of their own", () => {
  const space = createSpace({ a: real(0) });
  const [train, valid] = (["train", "valid"] as const).map((s) => drawPerturbation(space, 0, s, 0, 4).data);
  expect(train).not.toEqual(valid);
});
