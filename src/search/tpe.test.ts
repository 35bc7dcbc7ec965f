import { describe, expect, test } from "vitest";

import { choice } from "../space/choice.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import type { Trial } from "./sampler.ts";
import { tpe } from "./tpe.ts";

const line = createSpace({ x: real(0.5, { low: 0, high: 1 }) });
const finished = (number: number, x: number, value: number): Trial => ({
  number,
  values: { x },
  state: "finished",
  value,
});
/** Best at 0.3. */
const history = Array.from({ length: 20 }, (_, i) =>
  finished(i, (i + 0.5) / 20, Math.abs((i + 0.5) / 20 - 0.3)),
);
const suggestions = (trials: readonly Trial[]): number[] =>
  Array.from(
    { length: 200 },
    (_, seed) => tpe().suggest({ space: line, trials, seed, number: trials.length }).x as number,
  );
const near = (values: readonly number[], x: number): number =>
  values.filter((value) => Math.abs(value - x) < 0.1).length;

describe("the tree-structured Parzen estimator", () => {
  test("draws near good trials", () => {
    expect(near(suggestions(history), 0.3)).toBeGreaterThan(150);
  });

  test("leaves what is running alone", () => {
    const running = Array.from({ length: 8 }, (_, i): Trial => ({
      number: 20 + i,
      values: { x: 0.25 + i / 80 },
      state: "running",
    }));
    const [alone, beside] = [suggestions(history), suggestions([...history, ...running])].map((all) =>
      near(all, 0.29),
    );
    expect(beside).toBeLessThan((alone as number) / 2);
  });

  test("draws at random until enough trials ended, running ones not counted", () => {
    const running = history.map(({ number, values }): Trial => ({ number, values, state: "running" }));
    const request = { space: line, seed: 1, number: 20 };
    const startup = tpe().suggest({ ...request, trials: [] });
    expect(tpe().suggest({ ...request, trials: running })).toEqual(startup);
    expect(tpe().suggest({ ...request, trials: history.slice(0, 9) })).toEqual(startup);
    expect(tpe().suggest({ ...request, trials: history.slice(0, 10) })).not.toEqual(startup);
  });

  test("tries each of a few points before it repeats one", () => {
    const space = createSpace({ a: choice(1, { options: [1, 2, 3, 4, 5, 6] }) });
    const trials: Trial[] = [];
    for (let number = 0; number < 8; number++) {
      const values =
        number < 2 ? { a: 1 } : tpe({ startupTrials: 2 }).suggest({ space, trials, seed: 3, number });
      trials.push({ number, values, state: "finished", value: values.a as number });
    }
    expect(new Set(trials.slice(0, 7).map(({ values }) => values.a)).size).toBe(6);
  });

  test("refuses settings that count nothing", () => {
    expect(() => tpe({ startupTrials: 0 })).toThrow(
      "`startupTrials` of tpe must be a whole number, at least 1, but got 0",
    );
    expect(() => tpe({ candidates: 2.5 })).toThrow(
      "`candidates` of tpe must be a whole number, at least 1, but got 2.5",
    );
  });
});
