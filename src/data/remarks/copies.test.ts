import { describe, expect, test } from "vitest";

import { streamKey, uniformsAt } from "../../util/random.ts";
import { readBundled } from "../node/bundled.ts";
import { groupSplit, tailSplit } from "../split.ts";
import { tableData } from "../table-data.ts";
import type { TableDataOptions } from "../table-options.ts";
import { tableOf } from "../table.ts";

const ROWS = 600;

/** Values of a column, one of so many, at random. */
const drawn = (name: string, levels: number): number[] =>
  Array.from(uniformsAt(streamKey(3, name), 0, ROWS), (uniform) => Math.floor(uniform * levels));

/** The rows of a table, and behind them the first so many again. */
const pasted = <T>(values: readonly T[], again = ROWS / 20): T[] => [...values, ...values.slice(0, again)];

const fine = {
  age: drawn("age", 1000),
  weight: drawn("weight", 1000),
  town: drawn("town", 5).map((k) => ["Ulm", "Graz", "Bern", "Linz", "Kiel"][k] as string),
  y: drawn("y", 2),
};
const kinds = { ...fine, y: fine.age.map((age) => (age % 7) / 3) };

type Columns = Record<string, readonly unknown[]>;

const warningsOf = (columns: Columns, options: Partial<TableDataOptions> = {}) =>
  tableData(tableOf("people.csv", columns), { target: "y", ...options }).warnings;
const toldOf = (...given: Parameters<typeof warningsOf>) =>
  warningsOf(...given).filter((sentence) => /cop(y|ies) of others/.test(sentence));
const contradictionsOf = (...given: Parameters<typeof warningsOf>) =>
  warningsOf(...given).filter((sentence) => /have the inputs of another row/.test(sentence));
const withCopies = (columns: Columns) =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, pasted(values)]));

describe("rows that are copies of others", () => {
  test.each([
    ["classes", fine],
    ["numbers", kinds],
  ])("are told with what to do where they lie in several parts (%s)", (_, columns) => {
    expect(toldOf(columns)).toEqual([]);
    expect(toldOf(withCopies(columns))).toEqual([
      expect.stringMatching(
        /^30 rows of people\.csv are copies of others, the target included \(such as lines \d+ and 6\d\d\), more than chance makes, and 1\d rows are in several parts, so that validation or test look better than they are; leave one of each, or name a column that they share with `group`$/,
      ),
    ]);
  });

  test("are no copies by a number of the row that is no input, and are by no other column that is none", () => {
    const copies = withCopies(fine);
    const ids = Array.from({ length: ROWS + 30 }, (_, row) => 5 * row + 1);
    expect(toldOf({ customer_id: ids, ...copies })).toHaveLength(1);
    expect(toldOf({ code: ids, ...copies }, { ignore: ["code"] })).toHaveLength(1);
    const days = ids.map((id) => new Date(id * 86400e3).toISOString().slice(0, 10));
    expect(toldOf({ day: days, ...copies })).toEqual([]);
  });

  test("do no harm in one part", () => {
    const copies = withCopies(fine);
    const people = pasted(Array.from({ length: ROWS }, (_, row) => `person ${row}`));
    expect(toldOf({ person: people, ...copies }, { group: "person" })).toEqual([]);
    expect(toldOf(copies, { split: () => groupSplit(people) })).toEqual([]);
    const early = Object.fromEntries(
      Object.entries(fine).map(([name, values]) => [name, [...values.slice(0, 30), ...values]]),
    );
    expect(toldOf(early, { split: (rows) => tailSplit(rows) })).toEqual([]);
    expect(toldOf(copies, { split: (rows) => tailSplit(rows), joined: true })).toEqual([]);
  });

  test("are told of folds as well, which no column keeps together", () => {
    const trained = (rows: number) => tailSplit(rows, { valid: { rows: 30 }, test: 0 });
    const [sentence] = toldOf(withCopies(fine), { split: trained, joined: true, folds: 3, seed: 1 });
    expect(sentence).toMatch(/ and \d+ rows are in several folds or parts, .* leave one of each$/);
    expect(toldOf(withCopies(fine), { split: trained, joined: true })).toEqual([]);
  });

  test("are told of oversampled classes", () => {
    const rare = fine.y.map((_, row) => Number(row % 10 === 0));
    const again = rare.flatMap((one, row) => (one === 1 ? [row, row, row, row] : [row]));
    const of = (values: readonly unknown[]) => again.map((row) => values[row]);
    expect(toldOf({ age: of(fine.age), weight: of(fine.weight), town: of(fine.town), y: of(rare) })).toEqual([
      expect.stringMatching(/^180 rows of people\.csv are copies of others/),
    ]);
  });
});

describe("rows that have the inputs of others, but another target", () => {
  const tail = (rows: number) => tailSplit(rows); // the rows that stand behind the others are test rows
  /** With the first thirty rows again, whose targets are others. */
  const contradicting = (columns: { readonly y: readonly number[] } & Columns, add: number) => ({
    ...withCopies(columns),
    y: [...columns.y, ...columns.y.slice(0, 30).map((one) => (add === 1 ? 1 - one : one + add))],
  });

  test("are told with the least error of any model, and in how many parts they lie", () => {
    expect(contradictionsOf(withCopies(fine))).toEqual([]);
    expect(contradictionsOf(contradicting(fine, 1), { split: tail })).toEqual([
      "60 rows of people.csv have the inputs of another row, but not its target (such as lines 1 and 601), more than chance makes: any model is wrong for 30 of them or more, and 30 of these inputs are in several parts, so that validation or test are not of new rows alone; correct what is wrong, add a column that tells them apart, or name a column that they share with `group`",
    ]);
    expect(toldOf(contradicting(fine, 1), { split: tail })).toEqual([]);
  });

  test("are told of numbers, which nothing predicts all", () => {
    expect(contradictionsOf(contradicting(kinds, 0.5), { split: tail })).toEqual([
      expect.stringMatching(
        /^60 rows .*: no model can predict them all, and 30 of these inputs are in several parts/,
      ),
    ]);
  });

  test("are told of classes in one part as well, where numbers may be measured again", () => {
    const group = { person: pasted(Array.from({ length: ROWS }, (_, row) => `person ${row}`)) };
    expect(contradictionsOf({ ...group, ...contradicting(fine, 1) }, { group: "person" })).toEqual([
      expect.stringMatching(
        /: any model is wrong for 30 of them or more; correct what is wrong, or add a column that tells them apart$/,
      ),
    ]);
    expect(contradictionsOf({ ...group, ...contradicting(kinds, 0.5) }, { group: "person" })).toEqual([]);
  });

  test("are right as often as the commonest target of each", () => {
    const again = Array.from({ length: 12 }, (_, row) => [row, row, row]).flat();
    const of = (values: readonly unknown[]) => [...values, ...again.map((row) => values[row])];
    // four rows of each input: half of the inputs have three answers (a, b, b, c: two wrong), half have two (a, b, b, b: one)
    const answers = again.map((row, k) => (row < 6 && k % 3 === 2 ? "c" : "b"));
    const y = [...fine.y.map((_, row) => (row < 12 || row % 2 === 0 ? "a" : "c")), ...answers];
    const columns = { age: of(fine.age), weight: of(fine.weight), town: of(fine.town), y };
    expect(contradictionsOf(columns)).toEqual([
      expect.stringMatching(/^48 rows .* any model is wrong for 18 of them or more/),
    ]);
  });

  test("are told of folds", () => {
    const split = (rows: number) => tailSplit(rows, { valid: { rows: 30 }, test: 0 });
    const [sentence] = contradictionsOf(contradicting(fine, 1), { split, joined: true, folds: 3, seed: 1 });
    expect(sentence).toMatch(/ and \d+ of these inputs are in several folds or parts, .* tells them apart$/);
  });

  test("are not told where chance makes them", async () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => drawn(name, 2)) as [number[], number[], number[]];
    expect(contradictionsOf({ a, b, c, y: fine.y })).toEqual([]);
    const [rooms, floors] = [drawn("rooms", 12), drawn("floors", 9)];
    expect(contradictionsOf({ rooms, floors, heated: a, y: kinds.y })).toEqual([]);
    expect(contradictionsOf({ rooms, floors, heated: a, y: fine.y })).toEqual([]);
    for (const set of ["wine", "diabetes"] as const)
      expect((await readBundled(set)).warnings.join(), set).not.toMatch("of another row");
  });
});

describe("rows that are the same by chance are none", () => {
  const [a, b, c] = ["a", "b", "c"].map((name) => drawn(name, 2)) as [number[], number[], number[]];

  test("three columns of two values each", () => {
    expect(toldOf({ a, b, c, y: fine.y })).toEqual([]);
    expect(toldOf({ a, b, y: a.map((one, row) => one ^ (b[row] as number)) })).toEqual([]);
  });

  test("counts of few, with a target that follows from them", () => {
    const [rooms, floors] = [drawn("rooms", 12), drawn("floors", 9)];
    const price = rooms.map((one, row) => 3.5 * one + (floors[row] as number));
    expect(toldOf({ rooms, floors, heated: a, y: price })).toEqual([]);
  });

  test("many rare answers, most of them none", () => {
    const asked = Object.fromEntries(
      Array.from({ length: 30 }, (_, k) => [`q${k}`, drawn(`q${k}`, 40).map((level) => Number(level === 0))]),
    );
    expect(toldOf({ ...asked, y: fine.y })).toEqual([]);
  });

  test("the sets that come with the package", async () => {
    for (const set of ["wine", "diabetes"] as const)
      expect((await readBundled(set)).warnings.join(), set).not.toMatch("of others");
  });
});
