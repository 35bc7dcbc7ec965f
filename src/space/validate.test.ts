import { expect, test } from "vitest";

import { HypertrainError } from "../util/error.ts";
import { choice, choiceRecord } from "./choice.ts";
import { integer, integerRecord } from "./integer.ts";
import { real, realRecord } from "./real.ts";
import { createSpace, type Hyper } from "./space.ts";

test.each<[() => Hyper, string]>([
  [
    () => real(0.5, { low: 0.9, high: 0.1 }),
    "low < high must hold for real(), but got low=0.9, high=0.1; swap them",
  ],
  [() => real(1, { low: 1, high: 1 }), "but got low=1, high=1; widen the range"],
  [() => real(0, { low: 0, high: 1 }), "low < start < high must hold for real(), but got start=0"],
  [() => real(1, { low: 0, high: 1 }), "but got start=1, low=0, high=1; move start inside the range"],
  [() => real(2, { low: 3 }), "but got start=2, low=3; move"],
  [() => real(2, { high: 1 }), "but got start=2, high=1; move"],
  [() => real(NaN), "a finite start must hold for real(), but got start=NaN; give a number"],
  [() => real(1, { high: Infinity }), "a finite high must hold"],
  [
    () => real(0.5, { low: 0, high: 1, log: true }),
    "low > 0 (or no bounds, for all positive values) must hold",
  ],
  [() => real(0.5, { high: 1, log: true }), "but got log with high=1; give a positive low"],
  [() => real(0.5, { low: -1, log: true }), "but got log with low=-1; give"],
  [() => real(0, { log: true }), "start > 0 must hold for real(), but got start=0; give a positive start"],
  [() => real(1, { scale: 0 }), "scale > 0 must hold for real(), but got scale=0"],
  [() => real(1, { scale: NaN }), "but got scale=NaN"],
  [() => real(1, { shape: [2, 0] }), "but got shape=[2, 0]"],
  [() => integer(1.5, { low: 0, high: 5 }), "an integer start must hold for integer(), but got start=1.5"],
  [() => integer(1, { low: 0, high: 5.5 }), "an integer high must hold"],
  [() => integer(1, { low: 5, high: 0 }), "low < high must hold"],
  [() => integer(6, { low: 0, high: 5 }), "low <= start <= high must hold"],
  [() => integer(1, { low: 0, high: 5, log: true }), "low > 0 must hold"],
  [() => integer(1, { low: 0, high: 5, scale: -1 }), "scale > 0 must hold"],
  [() => choice<string>("a", { options: [] }), "at least one option must hold"],
  [() => choice<string>("d", { options: ["a", "b"] }), 'but got start="d", options=["a","b"]'],
  [() => choice("a", { options: ["a", "a"] }), "that options differ must hold"],
  [
    () => real(0, { low: -1e308, high: 1e308 }),
    "a finite high - low must hold for real(), but got low=-1e+308, high=1e+308; narrow the range, or set log",
  ],
  [
    () => integer(0, { low: -(2 ** 53) + 1, high: 2 ** 53 - 1 }),
    "at most 2^53 - 1 integers from low to high must hold",
  ],
  [() => choice(1, { options: [1, NaN] }), "that options are text, finite numbers, true or false must hold"],
  [() => choice(1, { options: [1, Infinity] }), "but got Infinity; leave it out, or name it by a text"],
  [() => choice("a", { options: ["a", null as unknown as string] }), "but got null; leave it out"],
])("what makes an impossible hyperparameter refuses it at once: %s", (make, message) => {
  expect(make).toThrow(HypertrainError);
  expect(make).toThrow(message);
});

test.each<[string, Hyper, string]>([
  ["", real(1), "name must not be empty"],
  ["__proto__", real(1), 'not be a property of every JavaScript object, but got "__proto__"; rename it'],
  ["constructor", integer(1, { low: 0, high: 2 }), 'but got "constructor"; rename it'],
  ["toString", choice("a", { options: ["a"] }), 'but got "toString"; rename it'],
  ["x", 0.5 as unknown as Hyper, 'must be made by real, integer or choice, but "x" is 0.5; make it by one'],
  ["x", null as unknown as Hyper, 'but "x" is null'],
  ["x", { kind: "toString" } as unknown as Hyper, 'but "x" is {"kind":"toString"}'],
  [
    "dropout",
    realRecord(0.5, { low: 0.9, high: 0.1 }),
    'low < high must hold for hyperparameter "dropout", but got low=0.9, high=0.1; swap them',
  ],
  ["n", integerRecord(6, { low: 0, high: 5 }), 'low <= start <= high must hold for hyperparameter "n"'],
  ["c", choiceRecord("a", []), 'at least one option must hold for hyperparameter "c"'],
])("a space refuses an impossible hyperparameter by its name: %s: %j", (name, hyper, message) => {
  expect(() => createSpace({ [name]: hyper })).toThrow(HypertrainError);
  expect(() => createSpace({ [name]: hyper })).toThrow(message);
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
