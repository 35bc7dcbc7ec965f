import { gzipSync } from "node:zlib";

import { expect, test } from "vitest";

import { axis, axisOver, namedAxis } from "../../dashboard/axis.ts";
import { courseOfRun, courseOfStudy, meanCourse } from "../../dashboard/courses.ts";
import { csvOf, studyRows, traceRows } from "../../dashboard/csv.ts";
import { brushed, parseFilter } from "../../dashboard/filter.ts";
import { frontOf, lowestFront } from "../../dashboard/front.ts";
import { comparison, placeOf } from "../../dashboard/route.ts";
import { orderOf } from "../../dashboard/sort-tables.ts";
import { sortedRows } from "../../dashboard/sorted-rows.ts";
import {
  columnOf,
  labelsOf,
  lostOf,
  merged,
  shortNumber,
  withMeasures,
  type StudyData,
} from "../../dashboard/study-data.ts";
import { surfaceOf } from "../../dashboard/surface.ts";
import { curveOf, trainingsOf } from "../../dashboard/trainings.ts";
import type { TracePoint } from "../../src/api/trace.ts";
import { pageAssets } from "../../src/artifacts/page-assets.ts";
import { changedSince, keptTrials, put } from "../../src/cli/dashboard/kept-trials.ts";
import { segmentTable } from "../../src/cli/dashboard/segment-table.ts";
import { bestRow, trialTable } from "../../src/cli/dashboard/study-columns.ts";
import { leastLoss, type Goals } from "../../src/search/goals.ts";
import { choice } from "../../src/space/choice.ts";
import { real } from "../../src/space/real.ts";
import type { StoredSegment } from "../../src/storage/storage.ts";
import type { TrialRecord } from "../../src/study/next-segment.ts";

const space = { rate: real(0.1, { low: 0, high: 1 }), act: choice("relu", { options: ["relu", "tanh"] }) };
const trial = (number: number, loss: number, state: TrialRecord["state"] = "complete"): TrialRecord => ({
  ...{ number, state, attempt: 1, deaths: 0, to: 1, curve: [{ budget: 1, loss }] },
  values: { rate: number / 10, act: number % 2 === 0 ? "relu" : "tanh" },
});
const note = { name: "s", state: "open", version: 1, count: "one", more: false, goals: leastLoss };
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

test("names and values of a filter may have blanks and signs, in quotes, and any name may be a hyperparameter's", () => {
  const odd = {
    "learning rate": real(0.1, { low: 0, high: 1 }),
    "a<b\\": real(0.1, { low: 0, high: 1 }),
    loss: real(0.1, { low: 0, high: 1 }),
    state: choice("on", { options: ["on", "very much on", ""] }),
  };
  const of = (number: number, value: number, state: string): TrialRecord => ({
    ...trial(number, 10 * number),
    values: { "learning rate": value, "a<b\\": 1 - value, loss: value, state },
  });
  const trials = [of(0, 0.1, "on"), of(1, 0.2, "very much on"), of(2, 0.3, "")];
  const { columns: own } = trialTable(note, odd, trials);
  const columns = [...own, { name: 'a "b"<c', values: Float64Array.of(5, 6, 7) }]; // as programs call measures
  const names = columns.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(rowsOf("learning_rate>0.15", columns, 3)).toEqual([1, 2]);
  expect(rowsOf('"a_b\\\\"<0.75', columns, 3)).toEqual([2]);
  expect(rowsOf('"a \\"b\\"<c">=6 trial<2', columns, 3)).toEqual([1]);
  expect(rowsOf("loss>=10 hyper:loss<0.25", columns, 3)).toEqual([1]);
  expect(rowsOf('hyper:state="very much on"', columns, 3)).toEqual([1]);
  expect(rowsOf('hyper:state=""', columns, 3)).toEqual([2]);
  expect(rowsOf("hyper:state=off", columns, 3)).toBe('hyper:state is on, "very much on", "", not “off”');
  expect(rowsOf('loss<""', columns, 3)).toMatch(/a number/);
  for (const column of columns.slice(5)) {
    const text = brushed("loss<20", column, column.options ? [0.6, 1.2] : [0, 5]);
    expect(rowsOf(text, columns, 3), text).not.toBeTypeOf("string");
    expect(brushed(text, column)).toBe("loss<20");
  }
});

test("rows are CSV that spreadsheets read, of a study's trials and of a run", () => {
  expect(csvOf([['a "b", c', "d\ne", 1e-9, NaN, ""]])).toBe('"a ""b"", c","d\ne",1e-9,,\n');
  const data = merged(undefined, trialTable(note, space, [trial(0, 1), trial(1, NaN)]));
  expect(studyRows(data, Uint32Array.of(1))).toEqual([
    ["trial", "state", "loss", "epochs", "attempt", "rate", "act"],
    [1, "complete", NaN, 1, 1, 0.1, "tanh"],
  ]);
  const point = { ...tracePoint(1, 3), hyperparameters: { rate: { value: 0.5 }, on: { value: true } } };
  expect(traceRows([point], [])).toEqual([
    ["epoch", "step", "seconds", "train loss", "valid loss", "test loss", "rate", "on"],
    [1, 1, 2, NaN, 3, 30, 0.5, "true"],
  ]);
  const metric = { name: "accuracy", value: 0.75 };
  const trained = { ...tracePoint(2, 1, { number: 4, epoch: 1 }), valid: { loss: 1, metric } };
  expect(traceRows([trained], [tracePoint(1, 7), tracePoint(2, 6)])).toEqual([
    [
      ...["epoch", "step", "seconds", "training", "train loss", "valid loss", "test loss"],
      ...["valid accuracy", "test accuracy", "valid loss held at the start"],
    ],
    [2, 2, 4, 4, NaN, 1, 10, 0.75, NaN, 6],
  ]);
});

test("cells of a table are in the order of their numbers and times, before texts", () => {
  const cells = ["b", "1 h 0 min", "9.5 s", "–", "2 min 5 s", "-3", "mean 1e3", "1,000,000"];
  expect([...cells].sort(orderOf(false))).toEqual([
    ...["-3", "9.5 s", "2 min 5 s", "mean 1e3", "1 h 0 min", "1,000,000", "–", "b"],
  ]);
  expect([...cells].sort(orderOf(true)).slice(0, 2)).toEqual(["1,000,000", "1 h 0 min"]);
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
  { low: 5.1e-5, high: 5.1e-5, log: false },
  { low: 1.23e7, high: 1.26e7, log: false },
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
  expect(placeOf(comparison([name, "b"], [name]))).toEqual({
    kind: "compare",
    studies: [name, "b"],
    runs: [name],
  });
  for (const hash of ["", "#", "#/"]) expect(placeOf(hash)).toEqual({ kind: "overview" });
  for (const hash of ["#/%zz", "#/there", "#/study/", "#/run/", "#/study/a/trial/x", "#/study/a/b"]) {
    expect(placeOf(hash)).toEqual({ kind: "nowhere", hash });
  }
});

test("script and stylesheet are less than 120 KB when they are packed", async () => {
  const { script, style } = await pageAssets();
  expect(gzipSync(script).length + gzipSync(style).length).toBeLessThan(120_000);
});

test.each([
  { kind: "log", values: [1e-3, 1, 1e300] },
  { kind: "both signs", values: [-1e300, -1e3, -1, 0, 1e-2, 10, 1e300] },
  { kind: "both signs", values: [-Number.MAX_VALUE, 1, 2, Number.MAX_VALUE] },
  { kind: "linear", values: [-1, 0.5, 2] },
  { kind: "log", values: [5e-324, 1e-300, Number.MAX_VALUE] },
])(
  "values from $values.0 on are told apart on an axis where logarithms are wished for",
  ({ kind, values }) => {
    const made = axisOver([{ values }], { log: true });
    expect(made.scale.kind).toBe(kind);
    const places = values.map(made.place);
    expect(places.every((place) => place > 0 && place < 1)).toBe(true);
    places.slice(1).forEach((place, i) => expect(place - (places[i] as number)).toBeGreaterThan(1e-4));
    for (const value of values) expect(made.at(made.place(value)) / (value || 1)).toBeCloseTo(value && 1, 6);
    const texts = made.ticks.map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBeGreaterThanOrEqual(2);
    expect(texts.length).toBeLessThan(14);
  },
);

test("what is counted has ticks at whole numbers, unless it is less than one", () => {
  const ticks = (high: number, count?: number) =>
    axisOver([{ values: [0, high] }], { whole: true, ...(count && { count }) }).ticks.map(({ text }) => text);
  expect(ticks(1)).toEqual(["0", "1"]);
  expect(ticks(3, 6)).toEqual(["0", "1", "2", "3"]);
  expect(ticks(2.5, 10)).toEqual(["0", "1", "2"]);
  expect(ticks(200)).toEqual(["0", "50", "100", "150", "200"]);
  expect(ticks(0.4)).toContain("0.2");
});

test("an axis has two ticks on a phone as well, and one of names has the names", () => {
  expect(axisOver([{ values: [0, 0.9] }], { count: 2.5 }).ticks.length).toBeGreaterThanOrEqual(2);
  const { ticks, place } = namedAxis(["relu", "tanh", "a long name of one"]);
  expect(ticks.map(({ text }) => text)).toEqual(["relu", "tanh", "a long na…"]);
  expect([0, 1, 2].map(place)[1]).toBeCloseTo(0.5, 9);
  expect(namedAxis(Array.from({ length: 30 }, (_, i) => `${i}`)).ticks.length).toBeLessThan(9);
});

test("values as large as numbers are lie on an axis without logarithms", () => {
  const made = axisOver([{ values: [-Number.MAX_VALUE, 0, Number.MAX_VALUE] }]);
  expect([-Number.MAX_VALUE, 0, Number.MAX_VALUE].map(made.place)).toEqual([
    expect.closeTo(0.037, 3),
    expect.closeTo(0.5, 9),
    expect.closeTo(0.963, 3),
  ]);
  expect(made.ticks.length).toBeGreaterThanOrEqual(2);
});

test("what a server keeps of trials by columns, told since any earlier table, is what a page had and all that changed", () => {
  const next = random(5);
  const kept = keptTrials();
  put(kept, trialTable(null, space, []));
  const pages: (StudyData | undefined)[] = [undefined, undefined, undefined];
  const losses: number[] = [];
  for (let round = 0; round < 60; round++) {
    const count = Math.floor(next() * 4);
    const numbers = Array.from({ length: count }, () => Math.floor(next() * (losses.length + 1)));
    const changed = [...new Set([...numbers, ...(next() < 0.5 ? [losses.length] : [])])]
      .filter((number) => number <= losses.length)
      .sort((a, b) => a - b);
    for (const number of changed) losses[number] = next();
    put(
      kept,
      trialTable(
        null,
        space,
        changed.map((number) => trial(number, losses[number] as number)),
      ),
    );
    const which = Math.floor(next() * pages.length);
    for (let more = true; more;) {
      const had = pages[which] ?? { version: 0, rows: 0 };
      const table = changedSince(kept, had, 3);
      more = had.rows + table.behind < kept.rows;
      const { version } = kept;
      pages[which] = merged(pages[which], { ...table, note: { ...note, version, more } });
    }
    expect([...(columnOf(pages[which] as StudyData, "loss")?.values ?? [])]).toEqual(losses);
    expect(kept.best).toBe(losses.length > 0 ? Math.min(...losses) : null);
  }
  expect(losses.length).toBeGreaterThan(20);
});

test("measures stand behind a study's own columns, and trials that came since have none", () => {
  const data = merged(undefined, trialTable(note, space, [trial(0, 1), trial(1, 2), trial(2, 3)]));
  const measures = {
    note: null,
    rows: 2,
    columns: [{ name: "size", values: Float64Array.of(7, NaN), measure: true }],
  };
  const both = withMeasures(data, measures);
  expect(both.columns.slice(0, -1)).toEqual(data.columns);
  expect([...(columnOf(both, "size")?.values ?? [])]).toEqual([7, NaN, NaN]);
  expect(withMeasures({ ...data, rows: 1 }, measures).columns.at(-1)?.values).toEqual(Float64Array.of(7));
});

test("a hyperparameter that is called as a measure is told from it in one way, whenever the measure comes", () => {
  const measures = {
    note: null,
    rows: 1,
    columns: [{ name: "rate", values: Float64Array.of(7), measure: true }],
  };
  const late = merged(undefined, trialTable(note, space, [trial(0, 1)]));
  const goals: Goals = { objectives: [{ name: "rate", largest: false }], bounds: [] };
  const followed = { ...trial(0, 1), measures: { rate: 7 } };
  const soon = merged(undefined, trialTable({ ...note, goals }, space, [followed], goals));
  for (const data of [withMeasures(late, measures), soon]) {
    expect(columnOf(data, "rate")).toMatchObject({ values: Float64Array.of(7), measure: true });
    expect(columnOf(data, "hyper:rate")).toMatchObject({ values: Float64Array.of(0), hyper: true });
  }
  expect(Object.fromEntries(labelsOf(late, measures))).toEqual({ rate: "hyper:rate", act: "act" });
});

test("a table has what its study follows, and its best row is the lowest within the bounds", () => {
  const goals: Goals = {
    objectives: [
      { name: "loss", largest: false },
      { name: "gain", largest: true },
    ],
    bounds: [{ name: "size", most: true, value: 5 }],
  };
  const of = (number: number, loss: number, size?: number): TrialRecord => ({
    ...trial(number, loss),
    ...(size !== undefined && { measures: { gain: -loss, size } }),
  });
  const { columns, rows } = trialTable(note, space, [of(0, 1, 9), of(1, 3, 4), of(2, 2, 5), of(3, 0)], goals);
  const texts = columns.map(({ name, values, options }) => [
    name,
    options ? [...values].map((i) => options[i]) : [...values],
  ]);
  expect(Object.fromEntries(texts)).toMatchObject({
    ...{ gain: [-1, -3, -2, NaN], size: [9, 4, 5, NaN], bounds: ["broken", "kept", "kept", "broken"] },
  });
  const all = Array.from({ length: rows }, (_, row) => row);
  expect(bestRow(columns, all)).toBe(2);
  expect(bestRow(columns, [0, 3])).toBeUndefined();
  const { columns: unbounded } = trialTable(note, space, [of(0, 1), of(1, 3)]);
  expect(bestRow(unbounded, [1, 0])).toBe(0);
  expect(trialTable(note, space, [{ ...trial(0, 1), curve: [] }], goals).columns.at(-1)?.values).toEqual(
    Uint8Array.of(0),
  );
});

const random = (seed: number) => () => (seed = (seed * 48271) % 2147483647) / 2147483647;

test("the front is of the trials that no other beats in both", () => {
  const next = random(7);
  const [x, y] = [0, 1].map(() => Float32Array.from({ length: 300 }, () => Math.round(60 * next()) / 4));
  if (!x || !y) throw new Error("two lists were expected");
  x[5] = NaN;
  y[9] = NaN;
  const rows = Uint32Array.from({ length: 250 }, (_, i) => i);
  const at = (row: number) => [x[row] as number, y[row] as number] as const;
  const beaten = (row: number): boolean =>
    [...rows].some((other) => {
      const [[a, b], [c, d]] = [at(other), at(row)];
      return a <= c && b <= d && (a < c || b < d || other < row);
    });
  const wanted = [...rows].filter((row) => !at(row).some(Number.isNaN) && !beaten(row));
  wanted.sort((a, b) => at(a)[0] - at(b)[0]);
  expect([...lowestFront(rows, x, y)]).toEqual(wanted);
  expect(wanted.length).toBeGreaterThan(2);
  const turned = (values: Float32Array) => values.map((value) => -value);
  for (const [across, up] of [
    [false, true],
    [true, false],
    [true, true],
  ] as const) {
    const aims = [
      { name: "x", values: across ? turned(x) : x, largest: across },
      { name: "y", values: up ? turned(y) : y, largest: up },
    ] as const;
    expect([...frontOf(rows, ...aims)]).toEqual(across ? wanted.toReversed() : wanted);
  }
});

test("a surface is the kernel regression of its points, and nothing where none is near", () => {
  const next = random(3);
  const cells = 16;
  const middle = (part: number) => (Math.floor(part * cells * next()) + 0.5) / cells;
  const points = Array.from({ length: 40 }, () => ({ u: middle(1), v: middle(0.5), height: next() }));
  const list = (name: "u" | "v" | "height") => points.map((point) => point[name]);
  const { values, width } = surfaceOf(
    [...list("u"), 0.5],
    [...list("v"), 0.5],
    [...list("height"), NaN],
    cells,
  );
  expect(width).toBeCloseTo(0.29 * 40 ** (-1 / 6), 12); // Scott's rule, of the forty that count
  for (const [column, row] of [
    [3, 2],
    [8, 6],
    [15, 0],
  ] as const) {
    let [weights, sum] = [0, 0];
    for (const { u, v, height } of points) {
      const [du, dv] = [(column + 0.5) / cells - u, (row + 0.5) / cells - v];
      const reach = Math.ceil(3 * width * cells) / cells + 1e-9; // beyond it the kernel is cut off
      if (Math.abs(du) > reach || Math.abs(dv) > reach) continue;
      const weight = Math.exp(-(du * du + dv * dv) / (2 * width * width));
      weights += weight;
      sum += weight * height;
    }
    expect(values[row * cells + column]).toBeCloseTo(sum / weights, 9);
  }
  expect(values[15 * cells + 3]).toBeNaN(); // all points lie in the lower half
});

const tracePoint = (epoch: number, loss: number, trial?: TracePoint["trial"]): TracePoint => ({
  ...{
    step: epoch,
    epoch,
    examples: epoch,
    gradientEvaluations: epoch,
    seconds: 2 * epoch,
    hyperparameters: {},
  },
  ...{ valid: { loss }, test: { loss: 10 * loss }, ...(trial && { trial }) },
});

test("the trainings of a search are told apart, each with its own best", () => {
  const trace = [
    tracePoint(1, 5, { number: 0, epoch: 1 }),
    tracePoint(2, 3, { number: 0, epoch: 2 }),
    tracePoint(3, 4, { number: 1, epoch: 1 }),
    tracePoint(4, 6, { number: 0, epoch: 3 }),
  ];
  expect(trainingsOf(trace).map(({ number, points, best }) => [number, points.length, best.trial])).toEqual([
    [0, 3, { number: 0, epoch: 2 }],
    [1, 1, { number: 1, epoch: 1 }],
  ]);
  expect(trainingsOf([tracePoint(1, 5)])).toEqual([]);
});

test("a course is the lowest loss so far, of seeds the mean within a band, of a study in the order of its clock", () => {
  const one = courseOfRun("one", [tracePoint(0, 5), tracePoint(1, 3), tracePoint(2, 4), tracePoint(3, 2)]);
  expect(one).toMatchObject({ best: 2, test: 20, by: { epochs: { x: [0, 1, 2, 3], y: [5, 3, 3, 2] } } });
  expect(one.by.seconds.x).toEqual([0, 2, 4, 6]);
  const other = courseOfRun("other", [tracePoint(1, 9), tracePoint(2.5, 1)]);
  expect(meanCourse("both", [one, other]).by.epochs).toEqual({
    ...{ x: [1, 2, 2.5, 3], y: [6, 6, 2, 1.5], low: [3, 3, 1, 1], high: [9, 9, 3, 2] },
  });
  const data = merged(undefined, trialTable(note, space, [trial(0, 1), trial(1, 4), trial(2, 0.5)]));
  const segment = (number: number, began: number, heard: number): StoredSegment => ({
    ...{ trial: number, attempt: 1, worker: "w", start: 0, began, heard, ended: "trained" },
  });
  const clocked = segmentTable([segment(1, 100, 103), segment(0, 101, 109), segment(2, 103, 106)], 110);
  expect(courseOfStudy(data, clocked).by).toEqual({
    epochs: { x: [1, 2, 3], y: [4, 0.5, 0.5] },
    seconds: { x: [3, 6, 9], y: [4, 0.5, 0.5] },
    trials: { x: [1, 2, 3], y: [4, 0.5, 0.5] },
  });
  expect(courseOfStudy(data, segmentTable([], 0)).by.trials).toEqual({ x: [1, 3], y: [1, 0.5] });
});

test("numbers are short up to 1,000, and told in full up to 10⁹", () => {
  expect([0.123456, 999.4, 12_345.6, 12_345, 987_654.3, 2.5e9, 1e-5].map(shortNumber)).toEqual([
    ...["0.1235", "999.4", "12,346", "12345", "987,654", "2500000000", "1e-5"],
  ]);
});

test("no learning curve of a search has the point before the first step, which only the first training has", () => {
  const at = (number: number, epoch: number, loss: number): TracePoint =>
    ({ trial: { number, epoch }, valid: { loss } }) as unknown as TracePoint;
  const trace = [at(0, 0, 9), at(0, 1, 4), at(1, 1, 3), at(1, 2, 2)];
  expect(trainingsOf(trace).map(curveOf)).toEqual([
    { x: [1], y: [4] },
    { x: [1, 2], y: [3, 2] },
  ]);
});

test("trials that failed without a loss are counted", () => {
  const trial = (number: number, state: TrialRecord["state"], curve: TrialRecord["curve"]): TrialRecord => ({
    ...{ number, state, curve, values: {}, attempt: 1, deaths: 0, to: 1 },
  });
  const some = [{ budget: 1, loss: 2 }];
  const trials = [
    trial(0, "failed", []),
    trial(1, "failed", some),
    trial(2, "running", []),
    trial(3, "waiting", []),
  ];
  const note = { name: "s", state: "open", version: 0, count: "", more: false, goals: leastLoss };
  expect(lostOf(merged(undefined, trialTable(note, {}, trials)))).toBe(1);
});
