import { gzipSync } from "node:zlib";

import { expect, test } from "vitest";

import { axis, axisOver } from "../../dashboard/axis.ts";
import { brushed, parseFilter } from "../../dashboard/filter.ts";
import { placeOf } from "../../dashboard/route.ts";
import { sortedRows } from "../../dashboard/sorted-rows.ts";
import { columnOf, merged } from "../../dashboard/study-data.ts";
import { dashboardAssets } from "../../src/cli/dashboard/assets.ts";
import { trialTable } from "../../src/cli/dashboard/study-columns.ts";
import { choice } from "../../src/space/choice.ts";
import { real } from "../../src/space/real.ts";
import type { TrialRecord } from "../../src/study/next-segment.ts";

const space = { rate: real(0.1, { low: 0, high: 1 }), act: choice("relu", { options: ["relu", "tanh"] }) };
const trial = (number: number, loss: number, state: TrialRecord["state"] = "complete"): TrialRecord => ({
  ...{ number, state, attempt: 1, deaths: 0, to: 1, curve: [{ budget: 1, loss }] },
  values: { rate: number / 10, act: number % 2 === 0 ? "relu" : "tanh" },
});
const note = { name: "s", state: "open", version: 1, count: "one", more: false };
const rowsOf = (text: string, columns: Parameters<typeof parseFilter>[1], rows: number) => {
  const filter = parseFilter(text, columns);
  if (filter.kind === "mistake") return filter.sentence;
  return Array.from({ length: rows }, (_, row) => row).filter(filter.keeps);
};

test("rows that changed take their places, and those before stay", () => {
  const first = merged(undefined, trialTable(note, space, [trial(0, 1), trial(1, 2, "running")]));
  const second = merged(first, trialTable({ ...note, version: 2 }, space, [trial(1, 0.5), trial(2, 3)]));
  expect(second).toMatchObject({ rows: 3, version: 2 });
  expect([...(columnOf(second, "loss")?.values ?? [])]).toEqual([1, 0.5, 3]);
  expect([...(columnOf(second, "act")?.values ?? [])]).toEqual([0, 1, 0]);
  expect(merged(second, trialTable({ ...note, state: "done" }, space, []))).toMatchObject({
    rows: 3,
    state: "done",
  });
});

test("a table that counts anew, of another server or a study begun anew, replaces what was there", () => {
  const first = merged(undefined, trialTable(note, space, [trial(0, 1), trial(1, 2)]));
  const second = merged(first, trialTable({ ...note, count: "two" }, space, [trial(0, 5)]));
  expect([...(columnOf(second, "loss")?.values ?? [])]).toEqual([5]);
});

test("rows are sorted as a comparing function sorts them, equal ones in their order and missing ones last", () => {
  const values = Float32Array.from({ length: 5000 }, (_, i) =>
    i % 7 === 0 ? NaN : Math.fround(((i * 7919) % 613) - 300) * 10 ** ((i % 5) - 2),
  );
  values.set([0, -0, Infinity, -Infinity, 1e-40], 1);
  const rows = Uint32Array.from({ length: 4000 }, (_, i) => (i * 3) % 5000);
  for (const down of [false, true]) {
    const key = (row: number) => (down ? -1 : 1) * (values[row] as number);
    const there = [...rows].filter((row) => !Number.isNaN(values[row]));
    const missing = [...rows].filter((row) => Number.isNaN(values[row]));
    const place = new Map([...rows].map((row, i) => [row, i]));
    there.sort(
      (a, b) =>
        (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) || Number(place.get(a)) - Number(place.get(b)),
    );
    expect([...sortedRows(rows, values, down)]).toEqual([...there, ...missing]);
  }
});

test("a few values far off do not stretch an axis, of however many", () => {
  for (const length of [100, 100_000]) {
    const values = Float64Array.from({ length }, (_, i) => 1 + ((i * 37) % 100) / 100);
    values[length / 2] = 1000;
    expect(axisOver([{ values }], { clip: true }).high).toBeLessThan(5);
    expect(axisOver([{ values }]).high).toBeGreaterThan(900);
    expect(axisOver([{ values, rows: Uint32Array.of(0, 1) }]).high).toBeLessThan(1.5);
  }
});

test("a filter keeps the rows of which all its conditions hold", () => {
  const { columns } = trialTable(note, space, [
    trial(0, 1),
    trial(1, 0.4),
    trial(2, 0.3, "failed"),
    trial(3, NaN),
  ]);
  expect(rowsOf("", columns, 4)).toEqual([0, 1, 2, 3]);
  expect(rowsOf("loss<0.5", columns, 4)).toEqual([1, 2]);
  expect(rowsOf(" loss<=0.4  state!=failed", columns, 4)).toEqual([1]);
  expect(rowsOf("act=tanh rate>0.2", columns, 4)).toEqual([3]);
  expect(rowsOf("2", columns, 4)).toEqual([2]);
  expect(rowsOf("lss<1", columns, 4)).toMatch(/^write NAME<VALUE with one of trial, .*not “lss<1”$/);
  expect(rowsOf("act=swish", columns, 4)).toBe("act is relu, tanh, not “swish”");
  expect(rowsOf("loss<small", columns, 4)).toMatch(/a number/);
});

test("a brush writes its part of an axis into the filter, once, and takes it away again", () => {
  const { columns } = trialTable(note, space, [trial(0, 1)]);
  const [rate, act] = ["rate", "act"].map(
    (name) => columns.find((one) => one.name === name) as (typeof columns)[number],
  ) as [(typeof columns)[number], (typeof columns)[number]];
  const once = brushed("loss<2", rate, [0.123456, 0.5]);
  expect(once).toBe("loss<2 rate>=0.1235 rate<=0.5");
  expect(brushed(once, rate, [0.2, 0.3])).toBe("loss<2 rate>=0.2 rate<=0.3");
  expect(brushed(once, act, [0.8, 1.1])).toBe(`${once} act=tanh`);
  expect(brushed(once, rate)).toBe("loss<2");
});

test.each([
  { low: 0, high: 100, log: false },
  { low: -3e-7, high: 2e-7, log: false },
  { low: 1e-7, high: 0.1, log: true },
  { low: 0.16, high: 1.1, log: true },
  { low: 0.5, high: 0.6, log: true },
  { low: 5, high: 5, log: true },
  { low: Infinity, high: -Infinity, log: false },
])(
  "an axis from $low to $high has some ticks, in order and inside, and places come back",
  ({ low, high, log }) => {
    const made = axis(low, high, log);
    const places = made.ticks.map(({ value }) => made.place(value));
    expect(places.length).toBeGreaterThanOrEqual(2);
    expect(places.length).toBeLessThan(14);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.every((place) => place >= 0 && place <= 1)).toBe(true);
    expect(new Set(made.ticks.map(({ text }) => text)).size).toBe(places.length);
    expect(made.place(made.at(0.3))).toBeCloseTo(0.3, 9);
  },
);

test("an address names a place, whatever a study is called", () => {
  const name = "a/b #1 %";
  expect(placeOf(`#/study/${encodeURIComponent(name)}/trial/7`)).toEqual({
    kind: "trial",
    study: name,
    trial: 7,
  });
  expect(placeOf(`#/run/${encodeURIComponent(name)}`)).toEqual({ kind: "run", run: name });
  expect(placeOf("")).toEqual({ kind: "overview" });
});

test("script and stylesheet are less than 120 KB when they are packed", async () => {
  const { script, style } = await dashboardAssets();
  expect(gzipSync(script).length + gzipSync(style).length).toBeLessThan(120_000);
});
