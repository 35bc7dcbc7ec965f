import { expect, test } from "vitest";

import { tellsClasses } from "./leakage.ts";

/** The definition: sorted by value, then class, the classes change no oftener than they must, but for one row in 500. */
function byDefinition(values: readonly number[], classes: readonly number[]): boolean {
  const order = values
    .map((_, i) => i)
    .sort((a, b) => Number(values[a]) - Number(values[b]) || Number(classes[a]) - Number(classes[b]));
  const distinct = new Set(classes).size;
  let changes = 0;
  order.slice(1).forEach((b, k) => {
    const a = order[k] as number;
    if (classes[a] !== classes[b]) changes += values[a] === values[b] ? 2 : 1;
  });
  return distinct > 1 && changes <= distinct - 1 + values.length / 500;
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
