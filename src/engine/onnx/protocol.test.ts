import { expect, test } from "vitest";

import { sharedNumbers } from "./protocol.ts";

test("leaves share one block of memory, each from a line of the cache on and none over another", () => {
  const arrays = sharedNumbers([
    { dtype: "float64", shape: [3] },
    { dtype: "int32", shape: [] },
    { dtype: "float32", shape: [5, 7] },
    { dtype: "uint32", shape: [0] },
    { dtype: "float64", shape: [2, 2] },
  ]);
  expect(arrays.map(({ length }) => length)).toEqual([3, 1, 35, 0, 4]);
  expect(new Set(arrays.map(({ buffer }) => buffer)).size).toBe(1);
  expect(arrays.map(({ byteOffset }) => byteOffset % 64)).toEqual([0, 0, 0, 0, 0]);
  arrays.forEach((array, i) => array.fill(i + 1));
  expect(arrays.map((array) => [...new Set(array)])).toEqual([[1], [2], [3], [], [5]]);
});
