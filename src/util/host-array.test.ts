import { expect, test } from "vitest";

import { HypertrainError } from "./error.ts";
import {
  HostArray,
  hostScalar,
  hostVector,
  hostZeros,
  leavesOf,
  mapTree,
  scalarOf,
  sizeOf,
  type HostTree,
} from "./host-array.ts";

const tree: HostTree = { fc: { weight: hostZeros([2, 3]), bias: hostVector([1, 2]) }, rate: hostScalar(0.5) };

test("an array holds as many numbers as its shape says, or is refused", () => {
  expect(new HostArray(new Int32Array(6), [2, 3]).data).toHaveLength(6);
  expect(() => new HostArray(new Int32Array(5), [2, 3])).toThrow(HypertrainError);
  expect(() => new HostArray(new Int32Array(5), [2, 3])).toThrow(
    "an array of shape [2, 3] must hold 6 numbers, but got 5",
  );
});

test("numbers of another type are refused, and a shape that is none", () => {
  const made = (data: unknown, shape: unknown) => () => new HostArray(data as never, shape as never);
  const must =
    "the numbers of a HostArray must be a Float32Array, Float64Array, Int32Array or Uint32Array, but";
  const mend = "; convert them, as Float32Array.from(numbers) does";
  expect(made([1, 2], [2])).toThrow(`${must} got a plain array${mend}`);
  expect(made(new Uint8Array(2), [2])).toThrow(`${must} got a Uint8Array${mend}`);
  expect(made(undefined, [2])).toThrow(`${must} got something of type undefined${mend}`);
  for (const shape of [undefined, 2, [0.5, 4], [-1, -2]]) {
    expect(made(new Float32Array(2), shape)).toThrow(
      `the shape of a HostArray must be a list of whole numbers, such as [rows, 1], but got ${JSON.stringify(shape)}; correct it`,
    );
  }
});

test("a shape's size is the product of its lengths, 1 for a scalar", () => {
  expect([[], [4], [2, 3, 4], [2, 0]].map(sizeOf)).toEqual([1, 4, 24, 0]);
});

test("leaves come in order, with their paths", () => {
  expect(leavesOf(tree).map(([path, array]) => [path, array.shape])).toEqual([
    ["fc.weight", [2, 3]],
    ["fc.bias", [2]],
    ["rate", []],
  ]);
});

test("mapping a tree keeps its structure and leaves the tree alone", () => {
  const sizes = mapTree(tree, ({ shape }) => hostScalar(sizeOf(shape)));
  expect(sizes).toEqual({ fc: { weight: hostScalar(6), bias: hostScalar(2) }, rate: hostScalar(1) });
  expect(scalarOf((tree as { rate: HostArray }).rate)).toBe(0.5);
});

test("a lone array is a tree with an empty path", () => {
  expect(leavesOf(hostScalar(3))).toEqual([["", hostScalar(3)]]);
});

test("only a scalar has one element to give", () => {
  expect(scalarOf(hostVector([7]))).toBe(7);
  expect(() => scalarOf(hostVector([1, 2]))).toThrow("internal: expected a scalar, but got shape [2]");
  expect(() => scalarOf(hostVector([]))).toThrow("internal:");
});
