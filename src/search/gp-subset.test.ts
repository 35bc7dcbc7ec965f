import { expect, test } from "vitest";

import { gpSubset } from "./gp-subset.ts";

/** The loss of trial i: 0 is the best, and every tenth trial is good. */
const losses = (n: number) => Float64Array.from({ length: n }, (_, i) => (i % 10 === 0 ? i : 1e6 - i));

test("up to a thousand trials, all of them", () => {
  expect(gpSubset(losses(0))).toEqual([]);
  expect(gpSubset(losses(1000))).toEqual(Array.from({ length: 1000 }, (_, i) => i));
});

test("of more, the 750 best of those before and all since the last 250th, in their order", () => {
  const seen = gpSubset(losses(1003));
  expect(seen).toHaveLength(753);
  expect(seen.slice(-3)).toEqual([1000, 1001, 1002]);
  const good = Array.from({ length: 100 }, (_, i) => 10 * i); // each lower than all others
  expect(seen).toEqual(expect.arrayContaining(good));
  // the other 650 are those of the lowest 1e6 - i: the last ones
  const others = Array.from({ length: 1000 }, (_, i) => i).filter((i) => i % 10 > 0);
  expect(seen.slice(0, 750)).toEqual([...good, ...others.slice(-650)].sort((a, b) => a - b));
});

test("grows by the new trial alone until the next 250th, and is never longer than a thousand", () => {
  let before = gpSubset(losses(1001));
  for (let n = 1002; n <= 1250; n++) {
    const now = gpSubset(losses(n));
    expect(now.slice(0, -1)).toEqual(before);
    before = now;
  }
  expect(before).toHaveLength(1000);
  expect(gpSubset(losses(1251))).toHaveLength(751);
});
