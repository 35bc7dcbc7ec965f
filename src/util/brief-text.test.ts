import { expect, test } from "vitest";

import { HostArray } from "./host-array.ts";
import { briefText } from "./brief-text.ts";

test.each([
  [null, "null"],
  [undefined, "undefined"],
  [NaN, "NaN"],
  [3n, "3n"],
  ["a", '"a"'],
  [Symbol("a"), "Symbol(a)"],
  [[], "[]"],
  [{}, "{}"],
  [{ a: [1, { b: "c" }], d: () => 1 }, '{"a":[1,{"b":"c"}],"d":a function}'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  [new Uint8Array(3), "Uint8Array(3)"],
  [[new HostArray(new Float32Array(6), [2, 3])], "[HostArray [2, 3]]"],
])("%o is shown in a message as %s", (value, text) => {
  expect(briefText(value)).toBe(text);
});

test("what holds itself is cut", () => {
  const ring: Record<string, unknown> = {};
  ring.next = ring;
  expect(briefText(ring)).toMatch(/^(\{"next":)+.*…$/);
  expect(briefText("x".repeat(1e6))).toBe(`"${"x".repeat(79)}…`);
});

test("no more is looked at than is shown, at any depth", () => {
  let looks = 0;
  const watched = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (from, name) => {
        looks += 1;
        const value: unknown = Reflect.get(from, name);
        return value;
      },
    });
  const list = () => watched(new Array<number>(1000).fill(1));
  const record = () => watched(Object.fromEntries(list().map((one, i) => [`k${i}`, one])));
  const large = [{ rows: [list(), list()], fields: { x: record(), y: list() } }, record()];
  looks = 0;
  expect(briefText(large)).toHaveLength(81);
  expect(looks).toBeLessThan(300);
});
