import { expect, test } from "vitest";

import { nearest } from "./nearest.ts";

const methods = [
  "delta-stn",
  "centered-stn",
  "stn",
  "hyper-training-global",
  "hyperband",
  "successive-halving",
];

test.each([
  ["delta", "delta-stn"],
  ["Delta", "delta-stn"],
  ["centered", "centered-stn"],
  ["hyper", "hyperband"],
  ["halving", "successive-halving"],
  ["snt", "stn"],
  ["hyperbnad", "hyperband"],
])("%s is near %s", (name, found) => {
  expect(nearest(name, methods)).toBe(`; did you mean "${found}"?`);
});

test.each(["bayes", "", "d", "population"])('nothing is near "%s"', (name) => {
  expect(nearest(name, methods)).toBe("");
});

test("a name with nothing in common is not near, however short", () => {
  expect(nearest("q", ["a", "b"])).toBe("");
  expect(nearest("xy", ["ab"])).toBe("");
});
