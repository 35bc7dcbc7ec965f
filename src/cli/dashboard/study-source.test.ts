import { expect, test } from "vitest";

import { decodeTable, type WireTable } from "../../api/columns.ts";
import { real } from "../../space/real.ts";
import { openStorage } from "../../storage/open-storage.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import type { StudyNote } from "./study-columns.ts";
import { studySource } from "./study-source.ts";

const TRIALS = 6000;

const trials = Array.from({ length: TRIALS }, (_, number): TrialRecord => ({
  ...{ number, values: { rate: 0.1 }, state: "complete", attempt: 1, deaths: 0, to: 1 },
  curve: [{ budget: 1, loss: number + 1 }],
}));

const decoded = (bytes: Uint8Array): WireTable<StudyNote> => decodeTable(Uint8Array.from(bytes).buffer);

/** How often others had a turn until something was done. */
async function turnsUntil(done: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await done.finally(() => (isDone = true));
  return turns;
}

test("whoever asks for something else is answered while a large study is read, and whoever opens it at once", async () => {
  await using storage = await openStorage(":memory:");
  const space = { rate: real(0.1, { low: 0, high: 1 }) };
  await storage.create("large", { trials: TRIALS, space, config: {}, origin: {} }, undefined, trials);
  const source = studySource(storage);
  const all = source.wholeTable("large");
  const reading = turnsUntil(all);
  await new Promise(setImmediate);
  const first = decoded(await source.table("large"));
  expect(first).toMatchObject({ rows: 1000, note: { more: true } });
  expect(await reading).toBeGreaterThanOrEqual(TRIALS / 1000 - 1);
  expect(decoded(await all)).toMatchObject({ rows: TRIALS, note: { more: false } });
  const { version, count } = first.note;
  const second = decoded(await source.table("large", { version, count, rows: 1000 }));
  expect(second).toMatchObject({ rows: TRIALS - 1000, note: { more: false } });
  expect(await turnsUntil(source.measures("large"))).toBeGreaterThanOrEqual(TRIALS / 500);
});

test("a study says what its losses are in, in the list, in its table and of each trial", async () => {
  await using storage = await openStorage(":memory:");
  const stored = { trials: 2, space: {}, config: {}, origin: {} };
  const lossUnit = "Losses are mean squared errors of one-hot classes.";
  await storage.create("told", { ...stored, lossUnit }, undefined, trials.slice(0, 2));
  await storage.create("plain", stored, undefined, trials.slice(0, 2));
  const source = studySource(storage);
  const unitsOf = async (study: string) => [
    (await source.list()).find(({ name }) => name === study)?.lossUnit,
    decoded(await source.wholeTable(study)).note.lossUnit,
    (await source.trial(study, 1)).lossUnit,
    ...(await source.pages(study, 1)).map((page) => page.lossUnit),
  ];
  expect(await unitsOf("told")).toEqual(Array(4).fill(lossUnit));
  expect(await unitsOf("plain")).toEqual(Array(4).fill(undefined));
});
