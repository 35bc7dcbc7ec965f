import { expect, test } from "vitest";

import type { BundledSet } from "../bundled.ts";
import type { SupervisedData } from "../supervised-data.ts";
import { readBundled } from "./bundled.ts";

const partsOf = ({ splits: { train, valid, test } }: SupervisedData) => [
  train,
  valid,
  ...(test ? [test] : []),
];
const rowsOf = (data: SupervisedData) => partsOf(data).map(({ rows }) => rows);
const classCounts = (data: SupervisedData) => {
  const counts = Array.from({ length: data.outputs }, () => 0);
  for (const { fields } of partsOf(data)) fields.y?.data.forEach((y) => (counts[y] = (counts[y] ?? 0) + 1));
  return counts;
};

test("digits: 1,797 rows of 64 pixels in 10 classes, one scale for all pixels", async () => {
  const data = await readBundled("digits");
  expect(rowsOf(data)).toEqual([1079, 359, 359]);
  expect([data.inputShape, data.outputs, data.classes?.[9]]).toEqual([[64], 10, "9"]);
  expect(classCounts(data)).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  const x = Array.from(data.splits.train.fields.x?.data ?? []);
  expect(x.reduce((sum, v) => sum + v, 0) / x.length).toBeCloseTo(0, 6);
  expect(x.reduce((sum, v) => sum + v * v, 0) / x.length).toBeCloseTo(1, 6);
  expect(new Set(x).size).toBe(17); // tones 0..16 under one scale
});

test("diabetes: 442 rows of 10 features, targets from 25 to 346", async () => {
  const data = await readBundled("diabetes");
  expect(rowsOf(data)).toEqual([266, 88, 88]);
  expect([data.task, data.inputShape, data.columns?.slice(0, 3)]).toEqual([
    "regression",
    [10],
    ["age", "sex", "bmi"],
  ]);
  const { mean, sd } = data.targetScale ?? { mean: NaN, sd: NaN };
  const natural = partsOf(data).flatMap(({ fields }) =>
    Array.from(fields.y?.data ?? [], (y) => mean + sd * y),
  );
  expect(Math.min(...natural)).toBeCloseTo(25, 3);
  expect(Math.max(...natural)).toBeCloseTo(346, 3);
  expect(natural.reduce((sum, y) => sum + y, 0) / 442).toBeCloseTo(152.133, 2);
});

test("wine: 178 rows of 13 features in 3 classes", async () => {
  const data = await readBundled("wine");
  expect(rowsOf(data)).toEqual([106, 36, 36]);
  expect([data.inputShape, data.columns?.[12]]).toEqual([[13], "proline"]);
  expect(classCounts(data)).toEqual([59, 71, 48]);
});

test.each<BundledSet>(["digits", "diabetes", "wine"])("%s is split by the seed alone", async (set) => {
  const first = await readBundled(set, { seed: 5 });
  expect(first).toEqual(await readBundled(set, { seed: 5 }));
  expect(first.splits.train).not.toEqual((await readBundled(set, { seed: 6 })).splits.train);
  expect(first.warnings).toEqual([]);
});
