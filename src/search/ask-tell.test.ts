import { describe, expect, test } from "vitest";

import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { createSearch } from "./ask-tell.ts";
import { random } from "./random.ts";
import type { Trial } from "./sampler.ts";

const space = createSpace({ x: real(0, { low: -1, high: 1 }), v: real(1, { low: 0, high: 2, shape: [2] }) });
const fresh = (trials?: readonly Trial[]) =>
  createSearch(space, random(), { seed: 1, ...(trials && { trials }) });

describe("a search", () => {
  test("numbers its trials and remembers what became of them", () => {
    const search = fresh();
    const numbers = [0, 1, 2, 3].map(() => search.ask().number);
    expect(numbers).toEqual([0, 1, 2, 3]);
    expect(search.tell(2, 5)).toMatchObject({ number: 2, state: "finished", value: 5 });
    expect(search.tell(0, { failed: "out of memory" })).toMatchObject({
      state: "failed",
      reason: "out of memory",
    });
    expect(search.tell(1, { pruned: 7 })).toMatchObject({ state: "pruned", value: 7 });
    expect(search.trials.map(({ state }) => state)).toEqual(["failed", "pruned", "finished", "running"]);
  });

  test("takes values that are not finite for failures", () => {
    const search = fresh();
    for (const value of [NaN, Infinity, -Infinity]) {
      const told = search.tell(search.ask().number, value);
      expect(told).toMatchObject({ state: "failed", reason: `its value was ${value}` });
    }
    expect(search.tell(search.ask().number, { pruned: NaN })).not.toHaveProperty("value");
    expect(search.best).toBeUndefined();
    expect(JSON.parse(JSON.stringify(search.trials))).toEqual(search.trials);
  });

  test("knows its best trial, the first of equals and finished ones only", () => {
    const search = fresh();
    for (const outcome of [3, { pruned: 0 }, 2, 2, 4]) search.tell(search.ask().number, outcome);
    expect(search.best).toMatchObject({ number: 2, value: 2 });
  });

  test("gives trials that nobody can change", () => {
    const search = fresh();
    const { values, number } = search.ask();
    expect(() => Object.assign(values, { x: 0 })).toThrow(TypeError);
    expect(() => (values.v as number[]).push(1)).toThrow(TypeError);
    (search.trials as Trial[]).pop();
    expect(search.tell(number, 1).values).toBe(values);
  });

  test("tells each trial once, and only those that were asked for", () => {
    const search = fresh();
    search.ask();
    search.ask();
    search.tell(0, 1);
    expect(() => search.tell(0, 1)).toThrow("trial 0 is finished; tell each trial once (running: 1)");
    expect(() => search.tell(7, 1)).toThrow("trial 7 was not asked for");
  });
});

describe("a restored search", () => {
  test("lets running trials be told and counts on", () => {
    const before = fresh();
    for (let i = 0; i < 3; i++) before.ask();
    before.tell(1, 1);
    const after = fresh((JSON.parse(JSON.stringify(before.trials)) as Trial[]).toReversed());
    expect(after.trials).toEqual(before.trials);
    expect(after.tell(2, 4).state).toBe("finished");
    expect(after.ask()).toEqual(before.ask());
  });

  const one = { number: 0, values: { x: 0.5, v: [1, 1] }, state: "finished", value: 1 } as const;
  test.each([
    ["numbers that repeat", [one, one], "got 0 twice"],
    ["no number", [{ ...one, number: -1 }], "different numbers from 0 on, but got -1"],
    ["a state that there is not", [{ ...one, state: "done" }], "trial 0 is done with 1"],
    ["a finished trial without a value", [{ ...one, value: null }], "trial 0 is finished with null"],
    ["values of another space", [{ ...one, values: { y: 1 } }], '"x" has none'],
    ["values outside", [{ ...one, values: { x: 3, v: [1, 1] } }], "a real from -1 to 1, but got 3"],
  ])("refuses %s", (_, trials, message) => {
    expect(() => fresh(trials as unknown as Trial[])).toThrow(message);
  });

  test("refuses a seed that is no integer", () => {
    expect(() => createSearch(space, random(), { seed: 0.5 })).toThrow("a seed must be an integer");
  });
});
