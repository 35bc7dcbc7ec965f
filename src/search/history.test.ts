import { expect, test } from "vitest";

import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { historyOf } from "./history.ts";
import type { Trial } from "./sampler.ts";
import { tamed } from "./tamed.ts";

const space = createSpace({ x: real(0.5, { low: 0, high: 1 }) });
const trial = (number: number, end: Partial<Trial>): Trial =>
  ({ number, values: { x: number / 10 + 0.05 }, ...end }) as Trial;
const finished = (number: number, value: number) => trial(number, { state: "finished", value });

test("trials that ended come by number, running ones apart", () => {
  const { points, losses, running } = historyOf(space, [
    finished(3, 30),
    trial(2, { state: "running" }),
    finished(0, 10),
  ]);
  expect(points.map(([t]) => t)).toEqual([0.05, 0.35]);
  expect([...losses]).toEqual([10, 30]);
  expect(running.map(([t]) => t)).toEqual([0.25]);
});

test("failed trials count as the worst, pruned ones as no better than the median", () => {
  const { losses } = historyOf(space, [
    finished(0, 1),
    finished(1, 2),
    finished(2, 9),
    trial(3, { state: "failed" }),
    trial(4, { state: "pruned", value: 0.5 }),
    trial(5, { state: "pruned", value: 12 }),
    trial(6, { state: "pruned" }),
  ]);
  expect([...losses]).toEqual([1, 2, 9, 12, 2, 12, 12]);
});

test("where all failed, all are alike", () => {
  expect([
    ...historyOf(
      space,
      [0, 1].map((n) => trial(n, { state: "failed" })),
    ).losses,
  ]).toEqual([0, 0]);
});

test("tamed losses end at the median and three times its distance to the least", () => {
  expect([...tamed(Float64Array.of(5, 1, 3, 1e30, 8.9))]).toEqual([5, 1, 3, 17, 8.9]);
  expect([...tamed(Float64Array.of(2, 2, 2, 1e300))]).toEqual([2, 2, 2, 1e150]);
  expect([...tamed(new Float64Array())]).toEqual([]);
});

test("trials beyond a bound come behind all that keep it, by how far they are, in units of the losses", () => {
  const sized = (number: number, value: number, size: number) =>
    trial(number, { state: "finished", value, measures: { loss: value, size } });
  const goals = {
    objectives: [{ name: "loss", largest: false }],
    bounds: [{ name: "size", most: true, value: 10 }],
  };
  const ended = [sized(0, 1, 10), sized(1, 3, 2), sized(2, 0, 15), sized(3, -9, 30)];
  const failed = trial(4, { state: "failed" });
  // The losses that keep it are 1 and 3: half of the bound too much is half of their range behind the worst.
  expect([...historyOf(space, [...ended, failed], goals).losses]).toEqual([1, 3, 4, 7, 7]);
  expect([...historyOf(space, ended.slice(2), goals).losses]).toEqual([0.5, 2]);
  const unmeasured = trial(5, { state: "finished", value: -1 });
  expect(historyOf(space, [sized(0, 1, 1), unmeasured], goals).losses[1]).toBe(Number.MAX_VALUE);
});
