import { describe, expect, test } from "vitest";

import { HypertrainError } from "../util/error.ts";
import { choice } from "./choice.ts";
import { integer } from "./integer.ts";
import { real } from "./real.ts";
import { createSpace, type Hyper } from "./space.ts";

describe("an impossible hyperparameter is refused", () => {
  test.each<[string, Hyper, string]>([
    [
      "dropout",
      real(0.5, { low: 0.9, high: 0.1 }),
      'low < high must hold for hyperparameter "dropout", but got low=0.9, high=0.1; swap them',
    ],
    ["x", real(1, { low: 1, high: 1 }), "but got low=1, high=1; widen the range"],
    [
      "x",
      real(0, { low: 0, high: 1 }),
      'low < start < high must hold for hyperparameter "x", but got start=0',
    ],
    ["x", real(1, { low: 0, high: 1 }), "but got start=1, low=0, high=1; move start inside the range"],
    ["x", real(2, { low: 3 }), "but got start=2, low=3; move"],
    ["x", real(2, { high: 1 }), "but got start=2, high=1; move"],
    ["x", real(NaN), 'a finite start must hold for hyperparameter "x", but got start=NaN; give a number'],
    ["x", real(1, { high: Infinity }), "a finite high must hold"],
    [
      "x",
      real(0.5, { low: 0, high: 1, log: true }),
      "low > 0 (or no bounds, for all positive values) must hold",
    ],
    ["x", real(0.5, { high: 1, log: true }), "but got log with high=1; give a positive low"],
    ["x", real(0.5, { low: -1, log: true }), "but got log with low=-1; give"],
    [
      "x",
      real(0, { log: true }),
      'start > 0 must hold for hyperparameter "x", but got start=0; give a positive start',
    ],
    ["x", real(1, { scale: 0 }), 'scale > 0 must hold for hyperparameter "x", but got scale=0'],
    ["x", real(1, { scale: NaN }), "but got scale=NaN"],
    ["x", real(1, { shape: [2, 0] }), "but got shape=[2, 0]"],
    ["", real(1), "name must not be empty"],
    [
      "n",
      integer(1.5, { low: 0, high: 5 }),
      'an integer start must hold for hyperparameter "n", but got start=1.5',
    ],
    ["n", integer(1, { low: 0, high: 5.5 }), "an integer high must hold"],
    ["n", integer(1, { low: 5, high: 0 }), "low < high must hold"],
    ["n", integer(6, { low: 0, high: 5 }), "low <= start <= high must hold"],
    ["n", integer(1, { low: 0, high: 5, log: true }), "low > 0 must hold"],
    ["n", integer(1, { low: 0, high: 5, scale: -1 }), "scale > 0 must hold"],
    ["c", choice<string>("a", { options: [] }), "at least one option must hold"],
    ["c", choice<string>("d", { options: ["a", "b"] }), 'but got start="d", options=["a","b"]'],
    ["c", choice("a", { options: ["a", "a"] }), "that options differ must hold"],
    [
      "x",
      real(0, { low: -1e308, high: 1e308 }),
      'a finite high - low must hold for hyperparameter "x", but got low=-1e+308, high=1e+308; narrow the range, or set log',
    ],
    [
      "n",
      integer(0, { low: -(2 ** 53) + 1, high: 2 ** 53 - 1 }),
      "at most 2^53 - 1 integers from low to high must hold",
    ],
    ["c", choice(1, { options: [1, NaN] }), "that options are text, finite numbers, true or false must hold"],
    ["c", choice(1, { options: [1, Infinity] }), "but got Infinity; leave it out, or name it by a text"],
    ["c", choice("a", { options: ["a", null as unknown as string] }), "but got null; leave it out"],
    ["__proto__", real(1), 'not be a property of every JavaScript object, but got "__proto__"; rename it'],
    ["constructor", integer(1, { low: 0, high: 2 }), 'but got "constructor"; rename it'],
    ["toString", choice("a", { options: ["a"] }), 'but got "toString"; rename it'],
    ["x", 0.5 as unknown as Hyper, 'must be made by real, integer or choice, but "x" is 0.5; make it by one'],
    ["x", null as unknown as Hyper, 'but "x" is null'],
    ["x", { kind: "toString" } as unknown as Hyper, 'but "x" is {"kind":"toString"}'],
  ])("%s: %j", (name, hyper, message) => {
    expect(() => createSpace({ [name]: hyper })).toThrow(HypertrainError);
    expect(() => createSpace({ [name]: hyper })).toThrow(message);
  });
});

test("every kind of possible hyperparameter is accepted", () => {
  const possible = {
    a: real(0),
    b: real(1, { log: true }),
    c: real(1, { low: 0, log: true }),
    d: real(3, { low: 2, log: true }),
    e: real(0.01, { low: 1e-5, high: 1, log: true, shape: [7] }),
    f: real(0, { high: 1 }),
    g: integer(0, { low: 0, high: 5 }),
    h: integer(5, { low: 0, high: 5 }),
    i: integer(8, { low: 1, high: 64, log: true }),
    j: choice(true, { options: [1, "1", true] }),
  };
  expect(createSpace(possible).size).toBe(16);
});
