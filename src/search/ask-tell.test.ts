import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { choice } from "../space/choice.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import { createSpace, type Hyper, type HyperValues, type Space } from "../space/space.ts";
import { HypertrainError } from "../util/error.ts";
import { createSearch } from "./ask-tell.ts";
import type { Outcome } from "./outcome.ts";
import { conditional } from "./conditions.ts";
import { random } from "./random.ts";
import type { Trial } from "./sampler.ts";
import { tpe } from "./tpe.ts";

const space = createSpace({ x: real(0, { low: -1, high: 1 }), v: real(1, { low: 0, high: 2, shape: [2] }) });
const fresh = (trials?: readonly Trial[]) =>
  createSearch(space as Space, random(), { seed: 1, ...(trials && { trials }) });

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

describe("a search for the greatest value", () => {
  const tried = (direction: "minimize" | "maximize") => {
    const line = createSpace({ x: real(0, { low: -1, high: 1 }) });
    const sign = direction === "minimize" ? 1 : -1;
    const search = createSearch(line, tpe({ startupTrials: 5 }), { seed: 3, direction });
    for (let i = 0; i < 25; i++) {
      const { number, values } = search.ask();
      search.tell(number, i % 6 === 4 ? { pruned: sign * values.x } : sign * (values.x - 0.3) ** 2);
    }
    return search;
  };

  test("suggests what one for the least of its negative would, and keeps values as they were told", () => {
    const [most, least] = [tried("maximize"), tried("minimize")];
    expect(most.trials.map(({ values }) => values)).toEqual(least.trials.map(({ values }) => values));
    expect(most.best?.number).toBe(least.best?.number);
    expect(most.best?.value).toBe(-(least.best?.value as number));
    expect(most.best?.value).toBeGreaterThan(-0.01);
    const again = createSearch(line, tpe({ startupTrials: 5 }), {
      ...{ seed: 3, direction: "maximize", trials: most.trials },
    });
    expect(again.ask()).toEqual(most.ask());
  });

  const line = createSpace({ x: real(0, { low: -1, high: 1 }) });
  test("names no other direction", () => {
    expect(() => createSearch(line, random(), { direction: "max" as "maximize" })).toThrow(
      '`direction` of createSearch must be minimize or maximize, but got "max"; did you mean "maximize"?',
    );
  });
});

describe("what is enqueued", () => {
  const mixed = createSpace({
    x: real(0, { low: -1, high: 1 }),
    layers: integer(1, { low: 1, high: 3 }),
    units: integer(32, { low: 8, high: 64 }),
  });

  test("is tried next, in order, and changes no later suggestion", () => {
    const [search, plain] = [createSearch(mixed, random()), createSearch(mixed, random())];
    search.enqueue({ x: 0.25, layers: 2, units: 16 });
    search.enqueue({ layers: 3 });
    expect(search.enqueued).toEqual([{ x: 0.25, layers: 2, units: 16 }, { layers: 3 }]);
    expect(search.ask().values).toEqual({ x: 0.25, layers: 2, units: 16 });
    plain.ask();
    const { x, units } = plain.ask().values;
    expect(search.ask().values).toEqual({ x, layers: 3, units }); // the sampler chooses the rest
    expect(search.ask()).toEqual(plain.ask());
    expect(search.enqueued).toEqual([]);
  });

  test("goes through JSON", () => {
    const before = createSearch(mixed, random());
    before.enqueue({ x: 0.25 });
    const enqueued = JSON.parse(JSON.stringify(before.enqueued)) as { x: number }[];
    expect(createSearch(mixed, random(), { enqueued }).ask()).toEqual(before.ask());
  });

  test("has what exists at its values, and nothing else", () => {
    const space = conditional(mixed, { units: { of: "layers", in: [2, 3] } });
    const search = createSearch(space, random(), { seed: 1 });
    for (let i = 0; i < 20; i++) {
      search.enqueue({ layers: 1, units: 8 });
      search.enqueue({ layers: 2 });
      const [without, drawn] = [search.ask().values, search.ask().values];
      expect(Object.keys(without)).toEqual(["x", "layers"]);
      expect(drawn.units).toBeGreaterThanOrEqual(8); // drawn even where the sampler suggested one layer
    }
  });

  test.each([
    ["a name that there is not", { y: 1 }, 'x, layers, units, but got "y"'],
    ["a name of every object", JSON.parse('{"__proto__": 1}'), 'but got "__proto__"'],
    ["a value outside", { x: 2 }, "a real from -1 to 1, but got 2"],
    ["a text", { x: "0.5" }, 'a real from -1 to 1, but got "0.5"'],
    ["no object", 3, "enqueued values must be an object by name, but got 3"],
  ])("is not %s", (_, values, message) => {
    const search = createSearch(mixed, random());
    expect(() => search.enqueue(values as object)).toThrow(HypertrainError);
    expect(() => search.enqueue(values as object)).toThrow(message);
    expect(search.enqueued).toEqual([]);
  });
});

test.each([
  ["0.5"],
  [{ value: 0.3 }],
  [null],
  [undefined],
  [true],
  [[1]],
  [{ failed: 3 }],
  [{ pruned: "1" }],
])("%j is no outcome, and the trial goes on", (outcome) => {
  const search = fresh();
  const { number } = search.ask();
  expect(() => search.tell(number, outcome as unknown as Outcome)).toThrow(HypertrainError);
  expect(() => search.tell(number, outcome as unknown as Outcome)).toThrow(
    "the outcome of a trial must be a number",
  );
  expect(search.tell(number, 1).state).toBe("finished");
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
    ["a state that there is not", [{ ...one, state: "done" }], 'trial 0 is "done" with 1'],
    ["a state of every object", [{ ...one, state: "toString" }], 'trial 0 is "toString" with 1'],
    ["a value that is text", [{ ...one, value: "1" }], 'trial 0 is "finished" with "1"'],
    ["another name", [{ ...one, values: { ...one.values, z: 1 } }], 'x, v, but got "z"'],
    [
      "a name of every object",
      [{ ...one, values: JSON.parse('{"x": 0.5, "v": [1, 1], "__proto__": 2}') }],
      'x, v, but got "__proto__"',
    ],
    ["a number as text", [{ ...one, values: { x: "0.5", v: [1, 1] } }], 'from -1 to 1, but got "0.5"'],
    ["a number in a list", [{ ...one, values: { x: [0.5], v: [1, 1] } }], "from -1 to 1, but got [0.5]"],
    ["too many elements", [{ ...one, values: { x: 0.5, v: [1, 1, 1] } }], "a list of 2 numbers of"],
    ["no list", [{ ...one, values: { x: 0.5, v: 1 } }], 'a list of 2 numbers of "v", but got 1'],
    ["no trial", [null], "a trial must be an object with values by name, but got null"],
    ["no values", [{ ...one, values: null }], "a trial must be an object with values by name"],
    ["no list of trials", { 0: one }, "trials of a search must be a list"],
    ["a finished trial without a value", [{ ...one, value: null }], 'trial 0 is "finished" with null'],
    ["a value that is missing", [{ ...one, values: { x: 1 } }], '"v" has none'],
    ["values outside", [{ ...one, values: { x: 3, v: [1, 1] } }], "a real from -1 to 1, but got 3"],
  ])("refuses %s", (_, trials, message) => {
    expect(() => fresh(trials as unknown as Trial[])).toThrow(message);
  });

  test("refuses a seed that is no integer", () => {
    expect(() => createSearch(space, random(), { seed: 0.5 })).toThrow(
      "`seed` of createSearch must be an integer of at most 53 bits, but got 0.5",
    );
  });
});

test("whatever JavaScript hands over is taken, or refused in a sentence", () => {
  const kinds = createSpace({
    x: real(0, { low: -1, high: 1 }),
    n: integer(1, { low: 0, high: 3, shape: [2] }),
    c: choice("a", { options: ["a", 1, true] }),
  });
  const sentence = (act: () => unknown): void => {
    try {
      act();
    } catch (error) {
      expect(error).toBeInstanceOf(HypertrainError);
      expect((error as Error).message).toMatch(/, but .*;/s);
    }
  };
  const oddities = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withTypedArray: true }),
    fc.constantFrom("__proto__", "constructor", "toString", NaN, -0, Infinity, -Infinity, 1e400, Symbol("s")),
  );
  const named = fc.dictionary(
    fc.constantFrom("x", "n", "c", "__proto__", "constructor", "valueOf", "hasOwnProperty"),
    oddities,
    { noNullPrototype: false },
  );
  const trial = fc.record(
    { number: oddities, values: fc.oneof(oddities, named), state: oddities, value: oddities },
    { requiredKeys: [] },
  );
  const noText = { number: 0, values: {}, state: [{ __proto__: null }] }; // which cannot even become a text
  fc.assert(
    fc.property(
      fc.record({
        told: oddities,
        number: oddities,
        wanted: fc.oneof(oddities, named),
        trials: fc.array(fc.oneof(oddities, trial)),
      }),
      ({ told, number, wanted, trials }) => {
        const search = createSearch(kinds as Space, random());
        sentence(() => search.tell(search.ask().number, told as Outcome));
        sentence(() => search.tell(number as number, 1));
        sentence(() => search.enqueue(wanted as HyperValues));
        sentence(() => createSearch(kinds as Space, random(), { trials: trials as Trial[] }));
        sentence(() => createSpace({ odd: told as Hyper, ...(wanted as Record<string, Hyper>) }));
        search.ask();
        const saved = JSON.stringify(search.trials);
        const restored = createSearch(kinds as Space, random(), { trials: JSON.parse(saved) as Trial[] });
        expect(JSON.stringify(restored.trials)).toBe(saved);
        expect(({} as { x?: unknown }).x).toBeUndefined();
      },
    ),
    { numRuns: 500, examples: [[{ told: 1, number: 0, wanted: {}, trials: [noText] }]] },
  );
});
