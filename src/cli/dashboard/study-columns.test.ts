import { expect, test } from "vitest";

import { integer } from "../../space/integer.ts";
import { real } from "../../space/real.ts";
import { bestRow, trialTable } from "./study-columns.ts";

test("a table has whole numbers and reals as they were tried", () => {
  const space = {
    seed: integer(1, { low: 0, high: 1e9 }),
    rate: real(1e-200, { low: 1e-300, high: 1e300, log: true }),
  };
  const values = { seed: 981_990_785, rate: 1e-200 };
  const trial = {
    ...{ number: 0, state: "complete", attempt: 1, values },
    curve: [{ budget: 1, loss: 2 }],
  } as const;
  const note = { name: "a", state: "done", version: 1, count: "x", more: false };
  const { columns } = trialTable(note, space, [trial as never]);
  expect(columns.slice(-2).map((column) => column.values[0])).toEqual([981_990_785, 1e-200]);
});

test("the best trial is none that failed", () => {
  const trial = (number: number, state: string, loss: number) =>
    ({ ...{ number, state, attempt: 1, values: {} }, curve: [{ budget: 1, loss }] }) as never;
  const { columns } = trialTable({}, {}, [trial(0, "failed", 1), trial(1, "complete", 2)]);
  expect(bestRow(columns, [0, 1])).toBe(1);
  expect(bestRow(columns, [0])).toBeUndefined();
});
