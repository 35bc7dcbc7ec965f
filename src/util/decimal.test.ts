import fc from "fast-check";
import { expect, test } from "vitest";

import { decimalOf } from "./decimal.ts";

test("every finite number is read as it is written", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      expect(decimalOf(String(x))).toBe(x === 0 ? 0 : x);
      expect(decimalOf(` ${x.toExponential()} `)).toBe(x === 0 ? 0 : x);
    }),
  );
});

test.each([
  ["1.", 1],
  [".5", 0.5],
  ["+2E3", 2000],
])("%s is a number", (text, value) => expect(decimalOf(text)).toBe(value));

test.each([
  "",
  " ",
  ".",
  "0x10",
  "0b1",
  "1_000",
  "1,5",
  "Infinity",
  "1e999",
  "NaN",
  "1e",
  "e5",
  "1 2",
  "--1",
])("%j is none", (text) => expect(decimalOf(text)).toBeNaN());
