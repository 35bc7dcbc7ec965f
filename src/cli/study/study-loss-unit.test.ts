import { expect, test } from "vitest";

import type { StudyReadings, StudyRecord } from "../../storage/storage.ts";
import { studyLossUnit } from "./study-loss-unit.ts";

/** Of a store with one study, whose second trial alone came to an evaluation. */
function unitOf(config: object, metric: string | undefined): Promise<string | undefined> {
  const study = { name: "s", config: { trials: 2, space: {}, origin: {}, ...config } };
  const trials = [
    { number: 0, curve: [] },
    { number: 1, curve: metric ? [{ budget: 1, loss: 1 }] : [] },
  ];
  const first = { point: { valid: { loss: 1, ...(metric && { metric: { name: metric, value: 1 } }) } } };
  const points = (_: string, { from, to }: { from: number; to: number }) =>
    Promise.resolve(from === 1 && to === 2 ? [first] : []);
  return studyLossUnit({ points } as unknown as StudyReadings, study as unknown as StudyRecord, trials);
}

test("a study says what its losses are in, by its configuration and its first evaluation", async () => {
  const log = { config: { data: "homes.csv", targetTransform: "log" } };
  expect(await unitOf(log, "R2")).toBe("losses are of the standardised logarithm of the target");
  expect(await unitOf({ compared: { ...log, pairs: [] } }, "R2")).toMatch(/ logarithm /);
  expect(await unitOf(log, undefined)).toBeUndefined();
  expect(await unitOf({ config: { data: "wine" } }, "accuracy")).toBeUndefined();
  expect(await unitOf({ config: { data: "wine", classWeights: "balanced" } }, "accuracy")).toMatch(
    /same weight/,
  );
  expect(await unitOf({ config: { problem: "own.ts" } }, "R2")).toBeUndefined();
  expect(await unitOf({ asked: {}, origin: undefined }, "R2")).toBeUndefined();
});
