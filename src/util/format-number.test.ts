import { expect, test } from "vitest";

import { formatNumber } from "./format-number.ts";

test.each([
  [99.7, 2, "100"],
  [123_456, 4, "123456"],
  [-1234.5, 3, "-1235"],
  [999.96, 4, "1000"],
  [0.5, 4, "0.5"],
  [0, 2, "0"],
  [1.2346e-4, 4, "1.235e-4"],
  [-7e-4, 3, "-7e-4"],
  [9.9996e-4, 3, "1e-3"],
  [1.2345e6, 4, "1234500"],
  [1.2346e9, 4, "1.235e+9"],
  [NaN, 4, "–"],
  [undefined, 4, "–"],
])("%s with %s digits is %s", (value, digits, text) => {
  expect(formatNumber(value, digits)).toBe(text);
});
