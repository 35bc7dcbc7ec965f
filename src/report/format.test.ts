import { expect, test } from "vitest";

import { formatBytes, formatDigits, formatHyper, formatLoss, formatValue } from "./format.ts";

test("a size keeps its digits just below the next unit", () => {
  expect(formatBytes(999_900)).toBe("1000 kB");
  expect(formatBytes(5_250_000)).toBe("5.25 MB");
});

test("whole measures are told in full, and whole values as they are typed", () => {
  expect([10881, 11_181_642, -12345, 2e9, 12.345678].map((value) => formatValue(value))).toEqual([
    ...["10,881", "11,181,642", "-12,345", "2e+9", "12.35"],
  ]);
  expect([4096, 1_234_567_890, 2 ** 60].map((value) => formatHyper({ value }))).toEqual([
    ...["4096", "1234567890", "1.15e+18"],
  ]);
});

test("a value of a hyperparameter is read as it is told, to its digits", () => {
  const values = [1e-5, 3.14159e-4, 0.01, 0.25, 1234.5, 12_345.6, 1.5e6, 2.5e9, -7.5];
  for (const value of values) {
    const read = Number(formatHyper({ value }, 4));
    expect(Math.abs(read - value)).toBeLessThanOrEqual(0.005 * Math.abs(value));
  }
});

test("numbers in columns are told in full up to 10⁹, such as squared errors of prices", () => {
  const numbers = [0.5, 999.96, 1234.5, 12_340, -12_345.6, 987_654_321, 2e9];
  expect(numbers.map((value) => formatDigits(value))).toEqual([
    ...["0.5000", "1000", "1,235", "12,340", "-12,346", "987,654,321", "2.000e+9"],
  ]);
  expect([0, 0.5, -0.5, 12.345, 1234.5, 12_345.6, 2e9, 1e-4].map(formatLoss)).toEqual([
    ...["0.0000", "0.5000", "-0.5000", "12.35", "1,234.50", "12,346", "2.00e+9", "1.00e-4"],
  ]);
});
