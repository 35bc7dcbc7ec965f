import { describe, expect, test } from "vitest";

import { choice } from "../space/choice.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import { createSpace, toUnconstrained } from "../space/space.ts";
import { cellAround } from "./cells.ts";
import { conditional } from "./conditions.ts";
import { coordinatesOf, fromPoint, settled, toPoint } from "./coordinates.ts";

const space = conditional(
  createSpace({
    n: integer(2, { low: 1, high: 4 }),
    pair: real(0.5, { low: 0, high: 2, shape: [2] }),
    kind: choice("a", { options: ["a", "b"] }),
    extra: real(0.5, { low: 0, high: 1 }),
  }),
  { extra: { of: "kind", in: ["b"] } },
);

describe("points and values", () => {
  test("there is a coordinate for each element", () => {
    expect(coordinatesOf(space).map(({ name, element, cells }) => [name, element, cells])).toEqual([
      ["n", 0, 4],
      ["pair", 0, Infinity],
      ["pair", 1, Infinity],
      ["kind", 0, 2],
      ["extra", 0, Infinity],
    ]);
  });

  test("what does not exist is absent from values and NaN in points", () => {
    const values = fromPoint(space, [0.1, 0.25, 0.5, 0.1, 0.7]);
    expect(values).toEqual({ n: 1, pair: [0.5, 1], kind: "a" });
    expect([...toPoint(space, values)]).toEqual([0.125, 0.25, 0.5, 0.25, NaN]);
    expect([...settled(space, [0.3, 0, 1, 0.9, 0.7])].map((t) => Math.round(t * 1e6) / 1e6)).toEqual([
      0.375, 0, 1, 0.75, 0.7,
    ]);
  });

  test("real values stay strictly inside their range", () => {
    for (const t of [0, 1]) {
      const [low, high] = fromPoint(space, [0, t, t, 0, t]).pair as number[];
      expect(low).toBeGreaterThan(0);
      expect(high).toBeLessThan(2);
    }
  });

  test("frozen values are converted once, others each time", () => {
    const values = { n: 1, pair: [0.5, 1], kind: "a" };
    expect(toPoint(space, values)).not.toBe(toPoint(space, values));
    Object.freeze(values);
    expect(toPoint(space, values)).toBe(toPoint(space, values));
  });

  test.each([
    ["a value that is missing", { n: 1, kind: "a" }, '"pair" has none'],
    ["one that exists here", { n: 1, kind: "b", pair: [1, 1] }, '"extra" has none'],
    ["one outside its range", { n: 9, kind: "a", pair: [1, 1] }, "an integer from 1 to 4, but got 9"],
  ])("%s is refused", (_, values, message) => {
    expect(() => toPoint(space, values)).toThrow(message);
  });

  test("a range without an end is refused", () => {
    expect(() => coordinatesOf(createSpace({ x: real(1, { low: 0 }) }))).toThrow("must have a finite range");
  });
});

test.each([
  ["an integer", integer(2, { low: 1, high: 4 })],
  ["an integer on a log scale", integer(2, { low: 1, high: 9, log: true })],
  ["a choice", choice("a", { options: ["a", "b", "c"] })],
])("the cells of %s lie end to end, each around its centre", (_, hyper) => {
  const one = createSpace({ hyper });
  let end = 0;
  for (const value of hyper.kind === "choice"
    ? hyper.options
    : Array.from({ length: hyper.high }, (_, i) => i + 1)) {
    const [centre] = toPoint(one, { hyper: value }) as unknown as [number];
    const [low, high] = cellAround(hyper, centre);
    expect(low).toBeCloseTo(end, 14);
    expect((low + high) / 2).toBeCloseTo(centre, 14);
    end = high;
  }
  expect(end).toBeCloseTo(1, 14);
});

test("a suggestion lies strictly inside its range, however narrow: methods can start from it", () => {
  const narrow = createSpace({
    plain: real(1 + 2 ** -51, { low: 1, high: 1 + 2 ** -50 }),
    far: real(1e16, { low: 1e16 - 4, high: 1e16 + 4 }),
    log: real(1 + 2 ** -40, { low: 1, high: 1 + 2 ** -39, log: true }),
    tiny: real(1e-320, { low: 0, high: 2e-320 }),
    wide: real(1, { low: -8e307, high: 8e307 }),
    ratio: real(1, { low: 1e-308, high: 1e308, log: true }),
  });
  for (const t of [0, 1e-9, 0.3, 0.5, 1 - 1e-9, 1]) {
    const values = fromPoint(narrow, new Float64Array(6).fill(t));
    expect(toUnconstrained(narrow, values).every(Number.isFinite)).toBe(true);
  }
});
