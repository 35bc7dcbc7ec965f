import { describe, expect, test } from "vitest";

import { choice } from "../../space/choice.ts";
import { integer } from "../../space/integer.ts";
import { real } from "../../space/real.ts";
import { createSpace, type HyperValues, type Space } from "../../space/space.ts";
import { conditional, isActive } from "../conditions.ts";
import type { Decision, ScheduledTrial } from "../schedulers/scheduler.ts";
import { budgetOf } from "../schedulers/scheduler.ts";
import { freezeThaw } from "./freeze-thaw.ts";

const line = createSpace({ x: real(0.5, { low: 0, high: 1 }) });
const options = { budget: 10, startupTrials: 4, candidates: 32 };

/** A loss that falls to `level` at a rate of one in `1 / rate` of a training. */
const falling = (level: number, epochs: number, rate = 8) =>
  Array.from({ length: epochs }, (_, i) => ({
    budget: i + 1,
    loss: level + 2 * Math.exp((-rate * (i + 1)) / 10),
  }));

const trial = (
  number: number,
  values: HyperValues,
  curve: ScheduledTrial["curve"],
  state: ScheduledTrial["state"] = "paused",
): ScheduledTrial => ({ number, values, curve, state });

/** Trials at even places, the best at 0.4, of which each has had so many epochs. */
const paused = (epochs: readonly number[]): ScheduledTrial[] =>
  epochs.map((count, i) => {
    const x = (i + 0.5) / epochs.length;
    return trial(i, { x }, falling(1 + 4 * (x - 0.4) ** 2, count));
  });

const decide = (trials: readonly ScheduledTrial[], space: Space = line, seed = 1): Decision =>
  freezeThaw(options).decide(trials, { space, seed });

/** Where a decision starts a trial. */
function placeOf(decision: Decision): number {
  if (decision.kind !== "start") throw new Error(`${decision.kind} starts nothing`);
  return decision.values?.x as number;
}

/** Lets a search decide so many times over curves that fall to `level(values)`. */
function simulated(space: Space, level: (values: Readonly<HyperValues>) => number, steps: number) {
  const scheduler = freezeThaw(options);
  const trials: ScheduledTrial[] = [];
  for (let i = 0; i < steps; i++) {
    const decision = scheduler.decide(trials, { space, seed: 3 });
    if (decision.kind === "start") {
      const values = decision.values as HyperValues;
      trials.push(trial(trials.length, values, falling(level(values), decision.to)));
    } else if (decision.kind === "continue") {
      const before = trials[decision.trial] as ScheduledTrial;
      expect(before.state).toBe("paused");
      expect(decision.to).toBeGreaterThan(budgetOf(before));
      expect(decision.to).toBeLessThanOrEqual(10);
      trials[decision.trial] = { ...before, curve: falling(level(before.values), decision.to) };
    } else throw new Error(decision.kind);
  }
  return trials;
}

test("it starts with quasi-random trials, each for an interval", () => {
  const first = [0, 1, 2, 3].map((count) => decide(paused(new Array<number>(count).fill(1))));
  for (const decision of first) expect(decision).toMatchObject({ kind: "start", to: 1 });
  const places = first.map(placeOf);
  expect(places.map((x) => Math.floor(4 * x)).toSorted()).toEqual([0, 1, 2, 3]); // one in every quarter
});

describe("a decision", () => {
  test.each([
    ["continue", paused([3, 5, 10, 4, 2, 1])],
    ["start", paused([3, 3, 10, 10, 2, 1])],
  ])(
    "to %s is a function of the trials: not of their order, of what was asked before, or of how they were stored",
    (kind, trials) => {
      const expected = decide(trials);
      expect(expected.kind).toBe(kind);
      const used = freezeThaw(options);
      for (const before of [paused([1, 1, 1, 1, 1]), trials.slice(0, 5), paused([3, 5, 10, 4, 2, 2])]) {
        used.decide(before, { space: line, seed: 1 });
        used.decide(trials, { space: line, seed: 9 });
      }
      expect(used.decide(trials, { space: line, seed: 1 })).toEqual(expected);
      expect(decide(trials.toReversed())).toEqual(expected);
      expect(decide(JSON.parse(JSON.stringify(trials)) as ScheduledTrial[])).toEqual(expected);
    },
  );

  test("starts elsewhere from another seed", () => {
    const started = [1, 2, 3].map((seed) => JSON.stringify(decide([], line, seed)));
    expect(new Set(started).size).toBe(3);
  });
});

test("the best trial on a steep slope goes on", () => {
  const trials = [
    trial(0, { x: 0.2 }, falling(1, 3)),
    ...[0.4, 0.6, 0.8].map((x, i) => trial(i + 1, { x }, falling(2, 4))),
  ];
  expect(decide(trials)).toEqual({ kind: "continue", trial: 0, to: 4 });
});

describe("beside three trials that went to their end, the best goes on", () => {
  const beside = (rate: number, best: number, epochs: number, slope: number) => [
    ...[0.3, 0.4, 0.5].map((x, i) => trial(i, { x }, falling(1 + slope * (0.6 - x), 10, rate))),
    trial(3, { x: 0.6 }, falling(best, epochs, rate)),
  ];

  test.each([4, 6, 8, 9])("after %i epochs, though its asymptote is known: it still falls", (epochs) => {
    expect(decide(beside(4, 0.9, epochs, 0.5))).toEqual({ kind: "continue", trial: 3, to: epochs + 1 });
  });

  test.each([4, 6])("after %i epochs, since less is left to pay than for a new one", (epochs) => {
    expect(decide(beside(2, 0.98, epochs, 0.1))).toEqual({ kind: "continue", trial: 3, to: epochs + 1 });
  });
});

test("it goes to the end, and no trial beyond it", () => {
  const nearly = [...paused([10, 10, 10, 10]), trial(4, { x: 0.4 }, falling(0.2, 9, 3))];
  expect(decide(nearly)).toEqual({ kind: "continue", trial: 4, to: 10 });
  expect(decide(paused([10, 10, 10, 10, 10])).kind).toBe("start");
});

test("hopeless trials are left, and the neighbourhood of good ones is searched", () => {
  const trials = simulated(line, ({ x }) => 1 + 4 * ((x as number) - 0.4) ** 2, 60);
  const far = trials.filter(({ values }) => Math.abs((values.x as number) - 0.4) > 0.2);
  const near = trials.filter(({ values }) => Math.abs((values.x as number) - 0.4) < 0.05);
  expect(Math.max(...far.map(budgetOf))).toBeLessThanOrEqual(5);
  expect(Math.max(...near.map(budgetOf))).toBe(10);
});

test("what was started is trained to its first loss before all else", () => {
  const trials = [...paused([3, 5, 10, 4]), trial(4, { x: 0.9 }, [])];
  expect(decide(trials)).toEqual({ kind: "continue", trial: 4, to: 1 });
});

test("curves may be shorter than an interval", () => {
  const decision = freezeThaw({ ...options, interval: 2 }).decide(paused([1, 1, 1, 1]), {
    space: line,
    seed: 1,
  });
  expect(["start", "continue"]).toContain(decision.kind);
});

describe("failed trials", () => {
  const broken = (state: ScheduledTrial["state"], loss: number) => [
    ...paused([10, 10, 10, 10]),
    trial(4, { x: 0.41 }, [...falling(0.5, 3), { budget: 4, loss }], state),
  ];

  test("never go on, whether they say so or have a loss that is not finite", () => {
    for (const trials of [broken("failed", 0.4), broken("paused", NaN), broken("paused", Infinity)]) {
      expect(decide(trials).kind).toBe("start");
    }
  });

  test("keep others away", () => {
    const at = placeOf(decide(paused([10, 10, 10, 10])));
    const after = placeOf(decide([...paused([10, 10, 10, 10]), trial(4, { x: at }, [], "failed")]));
    expect(Math.abs(after - at)).toBeGreaterThan(0.03);
  });

  test("do not stop a search in which all have failed", () => {
    const trials = [0.1, 0.3, 0.5, 0.7, 0.9].map((x, i) => trial(i, { x }, [], "failed"));
    expect(decide(trials)).toMatchObject({ kind: "start", to: 1 });
  });
});

test("a trial that runs is neither gone on with nor started again", () => {
  const trials = paused([10, 10, 10, 10]);
  const x = placeOf(decide(trials));
  const next = placeOf(decide([...trials, trial(4, { x }, [], "running")]));
  expect(Math.abs(next - x)).toBeGreaterThan(0.01);
});

test("losses below 0, equal losses and twins do no harm", () => {
  const below = [0.1, 0.3, 0.5, 0.7, 0.9].map((x, i) => trial(i, { x }, falling(-3 + x, 5)));
  const same = [0.5, 0.5, 0.5, 0.5, 0.5].map((x, i) => trial(i, { x }, [{ budget: 1, loss: 0.25 }]));
  const huge = below.map((one, i) => (i === 2 ? { ...one, curve: [{ budget: 1, loss: 1e300 }] } : one));
  for (const trials of [below, same, huge]) expect(["start", "continue"]).toContain(decide(trials).kind);
});

describe("a space", () => {
  test("may be mixed, with conditions, and with ranges that have collapsed", () => {
    const mixed = conditional(
      createSpace({
        rate: real(1e-2, { low: 1e-4, high: 1, log: true }),
        layers: integer(1, { low: 1, high: 3 }),
        width: real(1, { low: 1 - 1e-9, high: 1 + 1e-9 }),
        kind: choice("only", { options: ["only"] }),
        second: real(0.5, { low: 0, high: 1 }),
      }),
      { second: { of: "layers", in: [2, 3] } },
    );
    const level = ({ rate, layers }: Readonly<HyperValues>) =>
      1 + Math.log10((rate as number) / 0.03) ** 2 + (layers as number);
    const trials = simulated(mixed, level, 30);
    for (const { values } of trials) {
      expect("second" in values).toBe(isActive(mixed, "second", values));
      expect(Math.abs((values.width as number) - 1)).toBeLessThan(1e-8);
      expect(values).toMatchObject({ kind: "only" });
    }
  });

  test("may be small: all of it is tried before anything is twice", () => {
    const trials = simulated(
      createSpace({ n: integer(1, { low: 1, high: 6 }) }),
      ({ n }) => 1 + (n as number),
      60,
    );
    const later = trials.slice(4, 4 + 6 - new Set(trials.slice(0, 4).map(({ values }) => values.n)).size);
    expect(new Set([...trials.slice(0, 4), ...later].map(({ values }) => values.n)).size).toBe(6);
  });

  test("may be empty: the one trial goes to its end", () => {
    const trials = simulated(createSpace({}), () => 1, 11);
    expect(trials.map(budgetOf)).toEqual([10, 1]);
  });
});

test.each([
  ["no budget", { budget: 0 }, /`budget` of freezeThaw must be a number, above 0, but got 0/],
  [
    "no interval",
    { budget: 5, interval: 0 },
    /`interval` of freezeThaw must be a number, above 0, but got 0/,
  ],
  ["an interval beyond the budget", { budget: 5, interval: 6 }, /at most its budget of 5 epochs, but got 6/],
  ["half a trial", { budget: 5, startupTrials: 0.5 }, /`startupTrials` of freezeThaw must be a whole number/],
  ["no candidates", { budget: 5, candidates: 0 }, /`candidates` of freezeThaw must be a whole number/],
])("%s is refused", (_, wrong, sentence) => expect(() => freezeThaw(wrong)).toThrow(sentence));
