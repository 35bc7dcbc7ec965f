import { describe, expect, test } from "vitest";

import { createSpace } from "../../space/space.ts";
import { asha } from "./asha.ts";
import { fullBudget } from "./full-budget.ts";
import { hyperband, hyperbandTable } from "./hyperband.ts";
import { medianStop } from "./median-stop.ts";
import { budgetOf, type ScheduledTrial, type Scheduler } from "./scheduler.ts";
import { successiveHalving } from "./successive-halving.ts";

const study = { space: createSpace({}), seed: 0 };

/** Trial k has the loss `quality(k)` + 1 / budget at every whole epoch; what happened, in order. */
function simulate(scheduler: Scheduler, steps: number, quality: (number: number) => number) {
  const trials: ScheduledTrial[] = [];
  const log: string[] = [];
  const trained = (trial: ScheduledTrial, to: number): ScheduledTrial => {
    const curve = [...trial.curve];
    for (let budget = Math.floor(budgetOf(trial)) + 1; budget <= to; budget++) {
      curve.push({ budget, loss: quality(trial.number) + 1 / budget });
    }
    return { ...trial, curve };
  };
  for (let i = 0; i < steps; i++) {
    const decision = scheduler.decide(trials, study);
    if (decision.kind === "wait" || decision.kind === "clone") throw new Error("nothing runs, none clones");
    const number = decision.kind === "start" ? trials.length : decision.trial;
    const before = trials[number] ?? { number, values: {}, curve: [], state: "paused" as const };
    trials[number] = trained(before, decision.to);
    log.push(`${number}:${decision.to}`);
  }
  return { trials, log };
}

test("O8: Hyperband's table for R = 81 and η = 3", () => {
  const table = hyperbandTable(81, 3).map((bracket) => bracket.map(({ trials, budget }) => [trials, budget]));
  expect(table).toEqual([
    [[81, 1], [27, 3], [9, 9], [3, 27], [1, 81]],
    [[34, 3], [11, 9], [3, 27], [1, 81]],
    [[15, 9], [5, 27], [1, 81]],
    [[8, 27], [2, 81]],
    [[5, 81]],
  ]); // prettier-ignore
});

test("full budget starts a trial for everyone who asks", () => {
  const running = (number: number) => ({ number, values: {}, curve: [], state: "running" as const });
  for (let workers = 0; workers < 5; workers++) {
    const trials = Array.from({ length: workers }, (_, number) => running(number));
    expect(fullBudget(5).decide(trials, study)).toEqual({ kind: "start", to: 5 });
  }
});

test("full budget trains one trial after the other to the end", () => {
  expect(simulate(fullBudget(5), 3, () => 0).log).toEqual(["0:5", "1:5", "2:5"]);
});

describe("successive halving", () => {
  const quality = (k: number) => Math.abs((k % 9) - 4); // trial 4 is the best of each nine
  const { log, trials } = simulate(successiveHalving({ budget: 9 }), 9 + 3 + 1 + 1, quality);

  test("keeps the best third at three times the budget", () => {
    expect(log.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, k) => `${k}:1`));
    expect(log.slice(9, 12).toSorted()).toEqual(["3:3", "4:3", "5:3"]);
    expect(log[12]).toBe("4:9");
  });

  test("starts anew after its last rung", () => {
    expect(log[13]).toBe("9:1");
    expect(trials).toHaveLength(10);
  });
});

test("a failed trial does not go on, and its place goes to the next best", () => {
  const scheduler = successiveHalving({ budget: 3 });
  const trial = (number: number, loss: number, state: ScheduledTrial["state"]): ScheduledTrial => ({
    number,
    values: {},
    curve: [{ budget: 1, loss }],
    state,
  });
  const trials = [trial(0, 1, "failed"), trial(1, 3, "paused"), trial(2, 2, "paused")];
  expect(scheduler.decide(trials, study)).toEqual({ kind: "continue", trial: 2, to: 3 });
});

test("successive halving waits for trials that run", () => {
  const running: ScheduledTrial = { number: 0, values: {}, curve: [], state: "running" };
  const scheduler = successiveHalving({ budget: 2, eta: 2 });
  expect(scheduler.decide([running], study)).toEqual({ kind: "start", to: 1 });
  expect(scheduler.decide([running, { ...running, number: 1 }], study)).toEqual({ kind: "wait" });
});

test("Hyperband works through its brackets, and then again", () => {
  const { log } = simulate(hyperband({ budget: 9 }), 23, (k) => k % 7);
  expect(log.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, k) => `${k}:1`));
  expect(log.slice(13, 18)).toEqual(["9:3", "10:3", "11:3", "12:3", "13:3"]);
  expect(log.slice(19, 22)).toEqual(["14:9", "15:9", "16:9"]);
  expect(log[22]).toBe("17:1"); // 13 + 6 + 3 steps are a cycle
});

describe("asha", () => {
  test("promotes as soon as one of three is the best", () => {
    const { log } = simulate(asha({ budget: 9 }), 6, (k) => [3, 1, 2, 0, 5, 6, 7][k] ?? 9);
    expect(log).toEqual(["0:1", "1:1", "2:1", "1:3", "3:1", "3:3"]);
  });

  test("never waits", () => {
    const running: ScheduledTrial[] = [{ number: 0, values: {}, curve: [], state: "running" }];
    expect(asha({ budget: 9 }).decide(running, study)).toEqual({ kind: "start", to: 1 });
  });
});

describe("the median rule", () => {
  test("leaves a trial that is worse than most, and goes on with one that is better", () => {
    const quality = (k: number) => [1, 2, 3, 9, 0][k] ?? 5;
    const { trials } = simulate(medianStop({ budget: 10 }), 30 + 3 + 10, quality);
    expect(trials.map(budgetOf).slice(0, 5)).toEqual([10, 10, 10, 3, 10]);
  });
});

describe("losses that are not finite", () => {
  const trial = (number: number, losses: readonly number[]): ScheduledTrial => ({
    number,
    values: {},
    curve: losses.map((loss, i) => ({ budget: i + 1, loss })),
    state: "paused",
  });
  const rule = medianStop({ budget: 10, interval: 1, grace: 3 });
  const bad = [
    [NaN, 1, 1],
    [1, Infinity, 1],
    [NaN, NaN, NaN],
    [-Infinity, 1, 1],
  ];

  test.each([0, 1, 2, 3])("count as the worst for the median rule, in any order (%i)", (shift) => {
    const others = [...bad.slice(shift), ...bad.slice(0, shift), ...[1, 2, 3, 4, 5].map((m) => [m, m, m])];
    const trials = others.map((losses, i) => trial(i, losses)); // nine means: 1, …, 5 and four infinite ones; the median is 5
    const decided = (loss: number) => rule.decide([...trials, trial(9, [9, loss, 9])], study).kind;
    expect([decided(4.9), decided(5), decided(5.1)]).toEqual(["continue", "continue", "start"]);
  });

  test("do not keep a trial that has no other", () => {
    const trials = [1, 2, 3].map((m) => trial(m - 1, [m, m, m]));
    expect(rule.decide([...trials, trial(3, [NaN, NaN, NaN])], study).kind).toBe("start");
    expect(rule.decide([...trials, trial(3, [NaN, 1, NaN])], study).kind).toBe("continue");
  });

  test.each([
    ["successive halving", successiveHalving({ budget: 3, trials: 6 })],
    ["asha", asha({ budget: 3 })],
  ])("do not take a place at the next rung of %s", (_, scheduler) => {
    const losses = [NaN, 3, -Infinity, 2, Infinity, 4];
    const trials = losses.map((loss, i) => trial(i, [loss]));
    const promoted = scheduler.decide(trials, study);
    expect(promoted).toMatchObject({ kind: "continue", to: 3 });
    expect([1, 3]).toContain((promoted as { trial: number }).trial);
  });
});

test.each([
  ["no budget", () => fullBudget(0), /`budget` of fullBudget must be a number, above 0, but got 0/],
  [
    "an eta of 1",
    () => hyperband({ budget: 9, eta: 1 }),
    /`eta` of hyperband must be a number, above 1, but got 1/,
  ],
])("%s is refused", (_, make, sentence) => expect(make).toThrow(sentence));
