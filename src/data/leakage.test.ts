import { describe, expect, test } from "vitest";

import { levelsTellClasses, tellsClasses } from "./leakage.ts";

/** The definition: the commonest class of each value is right, and changes no oftener than it must from value to value, but for one row in 500. */
function byDefinition(values: readonly number[], classes: readonly number[]): boolean {
  const largestOf = (rows: readonly number[]): readonly number[] =>
    [...Map.groupBy(rows, (row) => classes[row]).values()].reduce((a, b) => (b.length > a.length ? b : a));
  const rows = values.map((_, row) => row);
  const commonest = [...Map.groupBy(rows, (row) => values[row] as number)]
    .sort(([a], [b]) => a - b)
    .map(([, ofValue]) => largestOf(ofValue));
  const wrong = rows.length - commonest.reduce((sum, { length }) => sum + length, 0);
  const labels = commonest.map(([row]) => classes[row as number]);
  const changes = labels.filter((label, k) => k > 0 && label !== labels[k - 1]).length;
  const others = rows.length - largestOf(rows).length;
  const distinct = new Set(classes).size;
  return distinct > 1 && wrong + changes <= distinct - 1 + Math.min(rows.length, 2 * others) / 500;
}

test.each([0, 1, 2, 3, 4, 5, 8, 40])(
  "a column with %i of 1,000 classes changed tells as the definition says",
  (wrong) => {
    const rows = Array.from({ length: 1000 }, (_, i) => (i * 7) % 1000);
    for (const step of [1, 10, 50, 250]) {
      const values = rows.map((value) => Math.floor(value / step));
      const classes = rows.map((value, i) =>
        i % 25 === 0 && i < 25 * wrong ? (value + 1) % 4 : Math.floor(value / 250),
      );
      expect(tellsClasses(values, classes), `steps of ${step}`).toBe(byDefinition(values, classes));
    }
  },
);

describe("a column of few values that has nothing to do with the classes tells none", () => {
  const values = Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 4);
  const levels = values.map(String);

  test.each([
    ["in equal shares", (i: number) => Math.floor(i / 4) % 3],
    ["one of which 1 row in 1,000 has", (i: number) => Number(i % 1000 === Math.floor(i / 1000))],
  ])("%s", (_, classOf) => {
    const classes = values.map((_, i) => classOf(i));
    expect(tellsClasses(values, classes)).toBe(false);
    expect(levelsTellClasses(levels, classes)).toBe(false);
  });

  test("but one does that follows from a rare class", () => {
    const classes = values.map((_, i) => Number(i % 1000 === 7));
    expect(tellsClasses(classes, classes)).toBe(true);
    expect(levelsTellClasses(classes.map(String), classes)).toBe(true);
  });
});
