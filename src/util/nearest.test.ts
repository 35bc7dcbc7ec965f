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
  ["HYPERBAND", "hyperband"],
  ["STN", "stn"],
  ["tsn", "stn"],
])("%s is near %s", (name, found) => {
  expect(nearest(name, methods)).toBe(`; did you mean "${found}"?`);
});

test.each(["bayes", "", "d", "population"])('nothing is near "%s"', (name) => {
  expect(nearest(name, methods)).toBe("");
});

test("a name with nothing in common is not near, however short", () => {
  expect(nearest("q", ["a", "b"])).toBe("");
  expect(nearest("xy", ["ab"])).toBe("");
  expect(nearest("day", ["a", "b"])).toBe("");
  expect(nearest("ab", ["a", "b"])).toBe("");
  expect(nearest("a", ["day", "ab"])).toBe("");
});

test("case alone makes a name no other, and swapped letters are one change", () => {
  expect(nearest("A", ["b", "a"])).toBe('; did you mean "a"?');
  expect(nearest("Day", ["d", "dey", "day"])).toBe('; did you mean "day"?');
  expect(nearest("ady", ["dy", "day", "aby"])).toBe('; did you mean "dy"?');
  expect(nearest("dya", ["xyz", "day"])).toBe('; did you mean "day"?');
  expect(nearest("ya", ["day", "ay"])).toBe('; did you mean "ay"?');
});
