import { expect, test } from "vitest";

import { csvData } from "../data/table-data.ts";
import { lossUnitOf, shortLossUnit, unitSentences } from "./loss-unit.ts";

const rows = Array.from({ length: 6 }, (_, i) => `${i},${[1, 3, 1, 3, 1, 3][i]}.0`);
const data = (targetTransform: "none" | "log", y = rows) =>
  csvData(["x,y", ...y].join("\n"), {
    ...{ name: "t.csv", target: "y", task: "regression", targetTransform },
    split: () => ({ train: Uint32Array.of(0, 1, 2, 3), valid: Uint32Array.of(4), test: Uint32Array.of(5) }),
  });

test("a loss of a regression is told in the target's own units", () => {
  const of = (transform: "none" | "log") => lossUnitOf({ data: data(transform) });
  expect(of("none")).toBe(
    "Losses are mean squared errors of the standardised target, of which 1 is an RMSE of 1 in its own units.",
  ); // 1 and 3 alike: a deviation of 1
  expect(of("log")).toBe(
    "Losses are mean squared errors of the standardised logarithm of the target, of which 1 is a factor of 1.73.",
  ); // half the logarithm of 3
  expect(lossUnitOf({ data: data("none"), loss: "gaussian" })).toBe(
    "Losses are negative log densities of the standardised target, with a standard deviation of 0.1: 0.1 in its own units.",
  );
  expect(lossUnitOf({ data: data("log"), loss: "gaussian" })).toMatch(
    /^Losses are negative log densities of the standardised logarithm of the target, .* of 0\.1: a factor of 1\.06\.$/,
  );
  const classes = csvData("x,y\n1,a\n2,b\n3,a\n4,b\n5,a\n6,b", { name: "t.csv", target: "y" });
  expect(lossUnitOf({ data: classes, loss: "cross-entropy" })).toBeUndefined();
  expect(lossUnitOf({ data: classes })).toBeUndefined();
  expect(lossUnitOf({ data: classes, loss: "squared-error" })).toBe(
    "Losses are mean squared errors of one-hot classes.",
  );
  expect(lossUnitOf({ data: classes, loss: "gaussian" })).toBe(
    "Losses are negative log densities of one-hot classes, with a standard deviation of 0.1.",
  );
  expect(lossUnitOf({ data: classes, loss: "cross-entropy", classWeights: "none" })).toBeUndefined();
  expect(lossUnitOf({ data: classes, loss: "cross-entropy", classWeights: "balanced" })).toMatch(
    /^In losses all classes have the same weight: .* in the loss that hypertrain predict tells, it counts once\.$/,
  );
  const folded = { loss: "cross-entropy", folds: 5 } as const;
  expect(lossUnitOf({ ...folded, data: classes })).toMatch(
    /^5 networks were trained in folds: .* a test loss of all 5 together\.$/,
  );
  const { train, valid } = classes.splits;
  expect(lossUnitOf({ ...folded, data: { ...classes, splits: { train, valid } } })).toMatch(
    /^5 networks were trained in folds: .* that did not train on it\.$/,
  );
});

test("a run's configuration and scores tell the same in short", () => {
  const [numbers, classes] = [
    { metric: { name: "R2", value: 0.5 } },
    { metric: { name: "accuracy", value: 0.5 } },
  ];
  expect(shortLossUnit(numbers, {})).toBe("losses are of the standardised target");
  expect(shortLossUnit(numbers, { targetTransform: "log" })).toBe(
    "losses are of the standardised logarithm of the target",
  );
  expect(shortLossUnit(numbers, { loss: "gaussian", targetTransform: "none" })).toBe(
    "losses are negative log densities of the standardised target, with a standard deviation of 0.1",
  );
  expect(shortLossUnit(classes, {})).toBeUndefined();
  expect(shortLossUnit({}, { loss: "gaussian" })).toBeUndefined();
  expect(shortLossUnit(numbers, { problem: "own.ts" })).toBeUndefined();
  expect(shortLossUnit(classes, { loss: "gaussian" })).toBe(
    "losses are negative log densities of one-hot classes, with a standard deviation of 0.1",
  );
  expect(shortLossUnit(classes, { loss: "squared-error", classWeights: "balanced" })).toBe(
    "losses are mean squared errors of one-hot classes; in losses all classes have the same weight",
  );
  expect(shortLossUnit(classes, { classWeights: "balanced" })).toBe(
    "in losses all classes have the same weight",
  );
});

test("a table names what has a unit only where not all have it", () => {
  const [a, b] = [
    { name: "a", lossUnit: "losses are of x" },
    { name: "b", lossUnit: "losses are of x" },
  ];
  expect(unitSentences([a, b])).toEqual(["losses are of x"]);
  expect(unitSentences([a, { name: "c", lossUnit: null }, b, { name: "d" }])).toEqual([
    "a, b: losses are of x",
  ]);
  const many = Array.from({ length: 7 }, (_, i) => ({ ...a, name: String(i) }));
  expect(unitSentences([...many, { name: "c", lossUnit: "losses are of y" }])).toEqual([
    "0, 1, 2, 3, 4 and 2 more: losses are of x",
    "c: losses are of y",
  ]);
});
