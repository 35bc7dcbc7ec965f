import { describe, expect, test } from "vitest";

import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { createSearch, type SearchOptions } from "./ask-tell.ts";
import type { Outcome } from "./outcome.ts";
import { cmaEs } from "./cma-es.ts";
import { gpSampler } from "./gp-sampler.ts";
import { nsga2 } from "./nsga2.ts";
import { random } from "./random.ts";
import type { Sampler } from "./sampler.ts";
import { tpe } from "./tpe.ts";

const space = createSpace({ x: real(0, { low: -1, high: 1 }), y: real(0, { low: -1, high: 1 }) });

test("a search with objectives knows its front, its best and what it goes on from", () => {
  const options: SearchOptions = {
    objectives: { accuracy: "maximize", size: "minimize" },
    bounds: { size: { most: 9 } },
  };
  const search = createSearch(space, random(), options);
  const rows = [
    [0.5, 2],
    [0.9, 10],
    [0.8, 9],
    [0.7, 9],
    [0.5, 3],
  ] as const;
  for (const [accuracy, size] of rows)
    search.tell(search.ask().number, { measures: { accuracy, size, extra: 1 } });
  expect(search.front.map(({ number }) => number)).toEqual([2, 0]);
  expect(search.best).toMatchObject({
    number: 2,
    value: 0.8,
    measures: { accuracy: 0.8, size: 9, extra: 1 },
  });
  search.tell(search.ask().number, { measures: { accuracy: NaN, size: 1 } });
  expect(search.trials[5]).toMatchObject({ state: "failed", reason: "its accuracy was NaN" });
  const saved = JSON.parse(JSON.stringify(search.trials)) as typeof search.trials;
  const again = createSearch(space, random(), { ...options, trials: saved });
  expect(again.front).toEqual(search.front);
  expect(again.ask()).toEqual(search.ask());
});

test("without objectives the front is the best, once for each of equals", () => {
  const search = createSearch(space, random(), { direction: "maximize" });
  for (const value of [1, 3, 2, 3]) search.tell(search.ask().number, value);
  expect(search.front.map(({ number }) => number)).toEqual([1, 3]);
});

const loss = { objectives: { loss: "minimize" } } as const;

test.each<[SearchOptions, Sampler, string]>([
  [{ bounds: { loss: { most: 1 } } }, tpe(), "bounds must come with objectives"],
  [{ ...loss, direction: "maximize" }, tpe(), "direction must be left out beside objectives"],
  [{ objectives: {} }, tpe(), "objectives must name a measure, but got {}"],
  [
    { objectives: ["loss"] as never },
    tpe(),
    'objectives must be an object by names of measures, but got ["loss"]',
  ],
  [
    { objectives: { loss: "least" as never } },
    tpe(),
    'a direction must be "minimize" or "maximize", but got "least"',
  ],
  [{ objectives: { loss: "minimize", size: "minimize" } }, tpe(), "tpe follows one and got 2; take nsga2()"],
  [{ ...loss, bounds: { size: {} } }, tpe(), "a bound must be { least: number }, { most: number } or both"],
  [{ ...loss, bounds: { size: { most: NaN } } }, tpe(), "a bound must be { least: number }"],
  [{ ...loss, bounds: { size: { max: 3 } as never } }, tpe(), "a bound must be { least: number }"],
  [
    { ...loss, trials: [{ number: 0, values: { x: 0, y: 0 }, state: "finished", value: 1 }] },
    tpe(),
    'a finished trial of a search with objectives must have measures for loss, but trial 0 has none for "loss"',
  ],
])("%j is refused", (options, sampler, message) => {
  expect(() => createSearch(space, sampler, options as object)).toThrow(message);
});

test.each<[Outcome, string]>([
  [3, "the outcome of a trial must be { measures: { loss, size } }"],
  [{ measures: { loss: 3 } }, 'which has none for "size"; measure it'],
  [{ measures: { loss: 3, size: "4" as never } }, 'which has none for "size"; measure it'],
  [{ measures: null as never }, "measures must be numbers for loss, size, but trial 0 was told null"],
])("told %j it says what is missing", (outcome, message) => {
  const search = createSearch(space, nsga2(), { ...loss, bounds: { size: { least: 0, most: 2 } } });
  const { number } = search.ask();
  expect(() => search.tell(number, outcome)).toThrow(message);
  expect(search.trials[0]?.state).toBe("running");
});

/* The least of (x + 1)² + (y + 1)² where x + y >= 0 is 2, on all of the line through the origin: at (0, 0) alone. */
describe.each([tpe(), gpSampler(), cmaEs()])("a bound on $name", (sampler) => {
  test("draws its trials to the best that keep it", () => {
    const search = createSearch(space, sampler, { seed: 2, ...loss, bounds: { sum: { least: 0 } } });
    for (let i = 0; i < 60; i++) {
      const { number, values } = search.ask();
      const { x, y } = values;
      search.tell(number, { measures: { loss: (x + 1) ** 2 + (y + 1) ** 2, sum: x + y } });
    }
    const late = search.trials.slice(-30);
    const away = late.map(({ values }) => Math.hypot(values.x, values.y)).sort((a, b) => a - b);
    expect(search.best?.value).toBeGreaterThan(2 - 1e-9);
    expect(search.best?.value).toBeLessThan(2.3);
    expect(away[15]).toBeLessThan(0.5); // at random half of them are within 0.8
  });
});
