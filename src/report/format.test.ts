import { expect, test } from "vitest";

import { formatBytes, formatHyper, formatNumber, formatValue } from "./format.ts";

test.each([
  [99.7, 2, "100"],
  [123_456, 4, "123500"],
  [-1234.5, 3, "-1230"],
  [0.5, 4, "0.5"],
  [0, 2, "0"],
  [1.2345e-4, 4, "1.23e-4"],
  [1.2345e6, 4, "1.23e+6"],
])("%s with %s digits is %s", (value, digits, text) => {
  expect(formatNumber(value, digits)).toBe(text);
});

test("a size keeps its digits just below the next unit", () => {
  expect(formatBytes(999_900)).toBe("1000 kB");
  expect(formatBytes(5_250_000)).toBe("5.25 MB");
});

test("whole measures and values are told as they are", () => {
  expect([10881, 11_181_642, -12345, 2e9, 12.345678].map((value) => formatValue(value))).toEqual([
    ...["10881", "11181642", "-12345", "2.00e+9", "12.35"],
  ]);
  expect(formatHyper({ value: 4096 })).toBe("4096");
});
