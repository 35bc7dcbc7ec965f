import fc from "fast-check";
import { expect, test } from "vitest";

import {
  constraintDominates,
  crowdingDistances,
  nonDominatedSort,
  type Rated,
} from "./non-dominated-sort.ts";

const rated = (columns: number) =>
  fc.record({
    costs: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: columns, maxLength: columns }),
    violation: fc.constantFrom(0, 0, 0, 1, 2),
  });

/** The definition of the paper, word for word. */
function dominatesByDefinition(p: Rated, q: Rated): boolean {
  const [feasible, other] = [p.violation === 0, q.violation === 0];
  if (feasible && !other) return true;
  if (!feasible && !other) return p.violation < q.violation;
  if (!feasible) return false;
  return (
    p.costs.every((f, i) => f <= (q.costs[i] as number)) && p.costs.some((f, i) => f < (q.costs[i] as number))
  );
}

/** Takes away, again and again, what nothing that is left dominates. */
function peeled(rows: readonly Rated[]): number[][] {
  const fronts: number[][] = [];
  let left = [...rows.keys()];
  while (left.length > 0) {
    const front = left.filter(
      (q) => !left.some((p) => dominatesByDefinition(rows[p] as Rated, rows[q] as Rated)),
    );
    fronts.push(front);
    left = left.filter((q) => !front.includes(q));
  }
  return fronts;
}

test("fronts are those that peeling by the definition of constraint domination gives", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }).chain((columns) => fc.array(rated(columns), { maxLength: 14 })),
      (rows) => {
        expect(nonDominatedSort(rows)).toEqual(peeled(rows));
      },
    ),
  );
});

test("what keeps its constraints comes before what breaks them, however good that is", () => {
  const [kept, slightly, badly] = [
    { costs: [9, 9], violation: 0 },
    { costs: [0, 0], violation: 1e-9 },
    { costs: [0, 0], violation: 1 },
  ] as const;
  expect(nonDominatedSort([badly, slightly, kept])).toEqual([[2], [1], [0]]);
  expect(constraintDominates(kept, kept)).toBe(false);
});

test("crowding distances are the half perimeters of boxes between neighbours, each side a share of the front's", () => {
  // Ranges 4 and 8: inner rows lie between neighbours 3 and 4 apart in the first, 6 and 7 in the second objective.
  const front = [
    [0, 8],
    [1, 7],
    [3, 2],
    [4, 0],
  ].map((costs) => ({ costs }));
  expect([...crowdingDistances(front)]).toEqual([Infinity, 3 / 4 + 6 / 8, 3 / 4 + 7 / 8, Infinity]);
  const shuffled = [2, 0, 3, 1].map((i) => front[i] as (typeof front)[number]);
  expect([...crowdingDistances(shuffled)]).toEqual([3 / 4 + 7 / 8, Infinity, Infinity, 3 / 4 + 6 / 8]);
});

test("an objective in which all are equal, or that is huge, makes no distance NaN", () => {
  const equal = [
    [0, 5],
    [1, 5],
    [2, 5],
  ].map((costs) => ({ costs }));
  expect([...crowdingDistances(equal)].some(Number.isNaN)).toBe(false);
  const huge = [
    [-1.7e308, 0],
    [0, -1],
    [1.7e308, -2],
  ].map((costs) => ({ costs }));
  expect([...crowdingDistances(huge)].some(Number.isNaN)).toBe(false);
  expect(crowdingDistances([])).toHaveLength(0);
});
