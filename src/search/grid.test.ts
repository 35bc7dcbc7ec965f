import { expect, test } from "vitest";

import { choice } from "../space/choice.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { createSearch } from "./ask-tell.ts";
import { conditional, type SearchSpace } from "./conditions.ts";
import { grid, type GridOptions } from "./grid.ts";

const space = createSpace({
  x: real(1, { low: 0, high: 4 }),
  y: real(1, { low: 1e-2, high: 1e2, log: true }),
  n: integer(2, { low: 1, high: 3, log: true }),
  kind: choice("a", { options: ["a", "b"] }),
});

function all(searched: SearchSpace, options?: GridOptions) {
  const sampler = grid(options);
  const size = sampler.size?.(searched) as number;
  return Array.from({ length: size }, (_, number) =>
    sampler.suggest({ space: searched, trials: [], seed: 1, number }),
  );
}

test("every combination comes once, in an order of the seed's", () => {
  const values = all(space, { points: { x: 2, y: 4 } });
  expect(values.length).toBe(2 * 4 * 3 * 2);
  expect(new Set(values.map((one) => JSON.stringify(one))).size).toBe(values.length);
  const levels = (name: string) => [...new Set(values.map((one) => one[name]))].sort();
  expect(levels("x")).toEqual([1, 3]); // centres of the halves of the range
  (levels("y") as number[]).forEach((y, k) => expect(Math.log10(y)).toBeCloseTo(k - 1.5, 12));
  expect(levels("n")).toEqual([1, 2, 3]);
  expect(levels("kind")).toEqual(["a", "b"]);
  const first = [1, 2].map((seed) => grid().suggest({ space, trials: [], seed, number: 0 }));
  expect(first[0]).not.toEqual(first[1]);
});

test("what was enqueued is not suggested again, and gives its place to another point", () => {
  const finite = createSpace({
    n: integer(2, { low: 1, high: 2, shape: [2] }),
    kind: choice("a", { options: ["a", "b", 1] }),
  });
  const planned = all(finite);
  const enqueued = [planned[7], planned[2], planned[3]] as (typeof planned)[number][];
  const search = createSearch(finite, grid(), { seed: 1 });
  enqueued.slice(0, 2).forEach((values) => search.enqueue(values as never));
  const tried: unknown[] = [];
  for (let number = 0; number < planned.length; number++) {
    if (number === 2) search.enqueue(enqueued[2] as never);
    const { values } = search.ask();
    tried.push(values);
    search.tell(number, number === 5 ? { failed: "a bad day" } : number);
  }
  expect(tried.slice(0, 3)).toEqual(enqueued);
  expect(new Set(tried.map((one) => JSON.stringify(one))).size).toBe(planned.length);
  expect(search.ask().values).toEqual(planned[0]); // again
});

test("it starts again behind its last point", () => {
  const sampler = grid({ points: 2 });
  const at = (number: number) => sampler.suggest({ space, trials: [], seed: 1, number });
  expect(at(24)).toEqual(at(0));
});

test("what a condition switches off makes no further points", () => {
  const searched = conditional(space, { x: { of: "n", in: [3] }, y: { of: "kind", in: ["b"] } });
  const values = all(searched, { points: 3 });
  // n = 1, 2: kind a, or b with three y; n = 3: three x of each.
  expect(values.length).toBe(2 * (1 + 3) + 3 * (1 + 3));
  expect(new Set(values.map((one) => JSON.stringify(one))).size).toBe(values.length);
});

test("a grid that is too large is refused before any trial, and so are settings that count nothing", () => {
  const wide = createSpace(
    Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`x${i}`, real(1, { low: 0, high: 2 })])),
  );
  const refusal =
    "a grid must have at most 1000000 points, but got 1953125 (5 x 5 x 5 x 5 x 5 x 5 x 5 x 5 x 5)";
  expect(() => grid().size?.(wide)).toThrow(refusal);
  expect(() => grid().suggest({ space: wide, trials: [], seed: 0, number: 0 })).toThrow(refusal);
  expect(() => grid({ points: 0 })).toThrow(
    "`points` of grid must be a whole number, at least 1, or an object by name",
  );
  expect(() => grid({ points: { x: 1.5 } })).toThrow(
    'each of it a whole number, at least 1, but got {"x":1.5}',
  );
});
