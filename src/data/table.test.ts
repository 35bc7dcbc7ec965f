import { expect, test } from "vitest";

import { tableOf } from "./table.ts";

const huge = 2n ** 53n + 1n;

test("a typed array is a column as an array is", () => {
  const { columns } = tableOf("t", {
    age: Float64Array.of(1.5, NaN),
    code: BigInt64Array.of(huge, 1n),
    n: Uint8Array.of(1, 2),
  });
  expect(columns).toEqual(tableOf("t", { age: [1.5, null], code: [String(huge), "1"], n: [1, 2] }).columns);
});

test.each(["words", 3, new DataView(new ArrayBuffer(2)), { length: 2 }])("%o is no column", (column) => {
  expect(() => tableOf("t", { age: column as never })).toThrow(
    /`columns` of tableOf must be an object by name, each of it an array or a typed array, but got \{"age":/,
  );
});
