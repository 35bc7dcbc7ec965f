import { describe, expect, test } from "vitest";

import { HypertrainError } from "../util/error.ts";
import { choice } from "./choice.ts";
import { integer } from "./integer.ts";
import { demandNatural, type NaturalRange } from "./natural-range.ts";
import { real } from "./real.ts";
import type { Hyper } from "./values.ts";

const natural = new Map<string, NaturalRange>([
  ["dropout", { low: 0, high: 1 }],
  ["momentum", { low: 0, high: 1 }],
  ["learningRate", { low: 0, high: Infinity }],
  ["l2", { low: 0, high: Infinity }],
  ["l1", { low: 0, high: Infinity }],
]);

describe("a known hyperparameter lies in its natural range", () => {
  test.each<[string, Hyper, string]>([
    [
      "dropout",
      real(0.1, { low: -1, high: 2 }),
      'range of "x" must be from 0 to 1, but got -1 to 2; narrow it',
    ],
    ["dropout", real(1.5, { low: 0 }), 'start of "x" must be from 0 to 1, but got 1.5; move it inside'],
    ["momentum", real(0.5, { high: 1.5 }), "from 0 to 1, but got 0 to 1.5"],
    ["dropout", integer(1, { low: 0, high: 3 }), "from 0 to 1, but got 0 to 3"],
    [
      "dropout",
      choice(0.1, { options: [0.1, 0.5] }),
      "a number from 0 to 1 with a range, but got a choice among",
    ],
    ["momentum", real(0.9, { low: 0, high: 2 }), "from 0 to 1, but got 0 to 2"],
    ["learningRate", real(0.1, { low: -1, high: 1 }), "at least 0, but got -1 to 1"],
    ["l2", real(0.1, { low: -1 }), "at least 0, but got -1 to Infinity"],
    ["l1", real(-0.1), "at least 0, but got -0.1"],
  ])("%s: %j", (kind, hyper, message) => {
    expect(() => demandNatural("x", natural.get(kind), hyper)).toThrow(HypertrainError);
    expect(() => demandNatural("x", natural.get(kind), hyper)).toThrow(message);
  });

  test.each<[string, Hyper]>([
    ["dropout", real(0.1, { low: 0, high: 1 })],
    ["dropout", real(0.1, { low: 0.01, high: 0.9, log: true })],
    ["l2", real(0.1, { log: true })],
    ["l1", real(0.1, { low: 0 })],
    ["momentum", real(0.6, { low: 0.5, high: 0.999 })],
    ["other", real(-3, { low: -9, high: 9 })],
  ])("%s may be %j", (kind, hyper) => {
    expect(() => demandNatural("x", natural.get(kind), hyper)).not.toThrow();
  });
});
