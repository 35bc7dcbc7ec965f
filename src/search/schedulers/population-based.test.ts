import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { choice } from "../../space/choice.ts";
import { integer } from "../../space/integer.ts";
import { real } from "../../space/real.ts";
import { createSpace, toUnconstrained, type HyperValues } from "../../space/space.ts";
import { randomKey, randomPermutation, randomUniform } from "../../util/random.ts";
import { conditional } from "../conditions.ts";
import { random } from "../random.ts";
import { binaryTournament, truncation, type Exploit, type ReadyMember } from "./population-based-exploit.ts";
import { perturbOrResample } from "./population-based-explore.ts";
import { populationBased, type PopulationBasedOptions } from "./population-based.ts";
import { budgetOf, type Decision, type ScheduledTrial, type Scheduler } from "./scheduler.ts";

const space = createSpace({
  rate: real(0.1, { low: 0, high: 0.9 }),
  decay: real(1e-3, { low: 1e-6, high: 1, log: true }),
  width: integer(8, { low: 1, high: 64, log: true }),
  layers: integer(2, { low: 0, high: 4 }),
  units: integer(8, { low: 4, high: 12 }),
  activation: choice("relu", { options: ["relu", "tanh", "gelu"] }),
  shift: real(0, { low: -1, high: 1, shape: [2] }),
});

/** The loss of a trial at a budget; NaN where it fails on the way there. */
type Losses = (trial: number, budget: number) => number;

interface Happening {
  readonly decision: Exclude<Decision, { kind: "wait" }>;
  /** The trials as the scheduler saw them. */
  readonly before: readonly ScheduledTrial[];
}

/** Does what a scheduler decides, one trial after the other, with an evaluation after every epoch. */
function simulate(scheduler: Scheduler, steps: number, losses: Losses, seed = 0): Happening[] {
  const study = { space, seed };
  const trials: ScheduledTrial[] = [];
  return Array.from({ length: steps }, () => {
    const before = [...trials];
    const decision = scheduler.decide(before, study);
    if (decision.kind === "wait") throw new Error("nothing runs");
    const number = decision.kind === "start" ? trials.length : decision.trial;
    const trial = readied(decision, trials, seed);
    const from =
      decision.kind === "clone" ? budgetOf(trials[decision.from] as ScheduledTrial) : budgetOf(trial);
    trials[number] = trained(trial, from, decision.to, losses);
    return { decision, before };
  });
}

function readied(
  decision: Happening["decision"],
  trials: readonly ScheduledTrial[],
  seed: number,
): ScheduledTrial {
  if (decision.kind === "start") {
    const number = trials.length;
    const values = random().suggest({ space, trials: [], seed, number });
    return { number, values, curve: [], state: "paused" };
  }
  const trial = trials[decision.trial] as ScheduledTrial;
  if (decision.kind === "continue") return trial;
  const copy = { budget: budgetOf(trials[decision.from] as ScheduledTrial), from: decision.from };
  return { ...trial, values: decision.values, state: "paused", copies: [...(trial.copies ?? []), copy] };
}

function trained(trial: ScheduledTrial, from: number, to: number, losses: Losses): ScheduledTrial {
  const epochs = Array.from({ length: Math.floor(to) - from }, (_, i) => from + i + 1);
  const points = epochs.map((budget) => ({ budget, loss: losses(trial.number, budget) }));
  if (points.some(({ loss }) => Number.isNaN(loss))) return { ...trial, state: "failed" };
  return { ...trial, curve: [...trial.curve, ...points] };
}

const summary = ({ decision }: Happening): string =>
  decision.kind === "start"
    ? `start:${decision.to}`
    : `${decision.trial}${decision.kind === "clone" ? `<${decision.from}` : ""}:${decision.to}`;

/** Any losses, some of them equal, one of five or so NaN. */
const lossesFrom =
  (seed: number): Losses =>
  (trial, budget) => {
    const [u, failure] = randomUniform(randomKey(seed, `loss ${trial}`), budget, 2) as unknown as [
      number,
      number,
    ];
    return failure < 0.08 ? NaN : Math.floor(u * 6);
  };

const settings = fc.record({
  members: fc.integer({ min: 1, max: 9 }),
  interval: fc.integer({ min: 1, max: 3 }),
  budget: fc.integer({ min: 1, max: 12 }),
  seed: fc.nat(),
});

const exploits = [
  ["truncation", () => truncation()],
  ["binary tournament", binaryTournament],
] as const;

const lossReady = ({ curve }: ScheduledTrial, ready: number): number =>
  curve.find(({ budget }) => budget === ready)?.loss ?? Infinity;

describe.each(exploits)("population-based training by %s", (_, exploit) => {
  test("copies only at ready points that all have reached, once each, from where the source stands", () => {
    fc.assert(
      fc.property(settings, ({ seed, ...options }) => {
        const seen = new Set<string>();
        for (const { decision, before } of simulate(
          populationBased({ ...options, exploit: exploit() }),
          60,
          lossesFrom(seed),
          seed,
        )) {
          if (decision.kind !== "clone") continue;
          const { trial, from, to } = decision;
          const [copy, source] = [before[trial], before[from]] as [ScheduledTrial, ScheduledTrial];
          const ready = budgetOf(source);
          expect(ready % options.interval).toBe(0);
          expect(ready).toBeLessThan(options.budget);
          expect(to).toBe(Math.min(ready + options.interval, options.budget));
          expect(source.state).toBe("paused");
          const first = Math.floor(trial / options.members) * options.members;
          const population = before.slice(first, first + options.members);
          expect(population).toContain(source);
          for (const member of population) {
            expect(member.state === "failed" || budgetOf(member) >= ready).toBe(true);
          }
          expect(lossReady(source, ready)).toBeLessThanOrEqual(lossReady(copy, ready));
          expect(seen.has(`${trial} at ${ready}`)).toBe(false);
          seen.add(`${trial} at ${ready}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("decides the same for trials in any order and after JSON", () => {
    fc.assert(
      fc.property(settings, ({ seed, ...options }) => {
        const scheduler = populationBased({ ...options, exploit: exploit() });
        for (const { decision, before } of simulate(scheduler, 40, lossesFrom(seed), seed)) {
          const order = randomPermutation(randomKey(seed, "order"), before.length, before.length);
          const shuffled = Array.from(order, (i) => before[i] as ScheduledTrial);
          const parsed = JSON.parse(JSON.stringify(shuffled)) as ScheduledTrial[];
          expect(scheduler.decide(parsed, { space, seed })).toEqual(decision);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("gives copies the values that follow from those of their source", () => {
    const options = {
      budget: 4,
      members: 5,
      interval: 1,
      exploit: exploit(),
      explore: (values: HyperValues) => values,
    };
    const clones = simulate(populationBased(options), 60, lossesFrom(3)).flatMap(({ decision, before }) =>
      decision.kind === "clone" ? [{ decision, source: before[decision.from] as ScheduledTrial }] : [],
    );
    expect(clones.length).toBeGreaterThan(4);
    for (const { decision, source } of clones) expect(decision.values).toEqual(source.values);
  });
});

/** Trial k is always worth k. */
const byNumber: Losses = (trial) => trial;

test("the fifth at the end copies from the fifth at the front, before any goes on", () => {
  const log = simulate(populationBased({ budget: 4, members: 5, interval: 2 }), 11, byNumber).map(summary);
  expect(log.slice(0, 5)).toEqual(["start:2", "start:2", "start:2", "start:2", "start:2"]);
  expect(log.slice(5, 10)).toEqual(["4<0:4", "0:4", "1:4", "2:4", "3:4"]);
  expect(log[10]).toBe("start:2"); // a new population
});

test("another way to exploit is asked at ready points alone: not at the start, nor at the end", () => {
  const exploit: Exploit = (ranking) => {
    asked.push(ranking.map(({ loss }) => loss));
    return [{ trial: ranking.at(-1)?.number ?? 0, from: ranking[0]?.number ?? 0 }];
  };
  const asked: (readonly number[])[] = [];
  const scheduler = populationBased({ budget: 4, members: 2, interval: 2, exploit });
  expect(simulate(scheduler, 5, byNumber).map(summary)).toEqual([
    "start:2",
    "start:2",
    "1<0:4",
    "0:4",
    "start:2",
  ]);
  for (const ranking of asked) expect(ranking).toEqual([0, 1]);
});

test("seeds draw other sources and other values", () => {
  const options = { budget: 9, members: 10, interval: 1 };
  const drawn = (seed: number) =>
    simulate(populationBased(options), 80, byNumber, seed).flatMap(({ decision }) =>
      decision.kind === "clone" ? [decision] : [],
    );
  expect(new Set(drawn(0).map(({ from }) => from))).toEqual(new Set([0, 1]));
  expect(drawn(0).map(({ from }) => from)).not.toEqual(drawn(1).map(({ from }) => from));
  const values = [...drawn(0), ...drawn(1)].map((clone) => JSON.stringify(clone.values));
  expect(new Set(values).size).toBe(values.length);
});

test.each([
  ["one member", { members: 1 }],
  ["no part that copies", { members: 3, exploit: truncation({ fraction: 0 }) }],
])("with %s it is plain training", (_, options) => {
  const { members } = options;
  const scheduler = populationBased({ budget: 5, interval: 2, ...options });
  const log = simulate(scheduler, 6 * members, (trial, budget) => -trial - budget).map(summary);
  const round = (to: number, first: number) =>
    Array.from({ length: members }, (_, k) => `${first + k}:${to}`);
  const population = (first: number) => [
    ...Array<string>(members).fill("start:2"),
    ...round(4, first),
    ...round(5, first),
  ];
  expect(log).toEqual([...population(0), ...population(members)]);
});

describe("members that fail", () => {
  const scheduler = populationBased({ budget: 6, members: 4, interval: 2 });

  test("become copies of a good one at the next ready point, however many they are", () => {
    const losses: Losses = (trial, budget) => (budget === 2 && trial > 0 && trial < 3 ? NaN : trial);
    const log = simulate(scheduler, 8, losses).map(summary);
    expect(log.slice(4)).toEqual(["2<0:4", "1<0:4", "0:4", "3:4"]);
  });

  test("and fail again as copies, are copies again at the ready point after it, no sooner", () => {
    const losses: Losses = (trial, budget) => (trial === 3 && budget < 5 ? NaN : trial);
    const log = simulate(scheduler, 13, losses).map(summary);
    expect(log.slice(4)).toEqual(["3<0:4", "0:4", "1:4", "2:4", "3<0:6", "0:6", "1:6", "2:6", "start:2"]);
  });

  test("all of them, make room for a new population", () => {
    const log = simulate(scheduler, 9, (trial, budget) => (trial < 4 && budget > 2 ? NaN : trial)).map(
      summary,
    );
    expect(log.slice(4)).toEqual(["3<0:4", "0:4", "1:4", "2:4", "start:2"]);
  });
});

test("nobody copies before all are ready: a running member is waited for", () => {
  const trial = (number: number, state: ScheduledTrial["state"], ...budgets: number[]): ScheduledTrial => ({
    ...{ number, state, values: random().suggest({ space, trials: [], seed: 0, number }) },
    curve: budgets.map((budget) => ({ budget, loss: number })),
  });
  const scheduler = populationBased({ budget: 4, members: 2, interval: 2 });
  const decide = (...trials: ScheduledTrial[]) => scheduler.decide(trials, { space, seed: 0 });
  expect(decide(trial(0, "running"))).toEqual({ kind: "start", to: 2 });
  expect(decide(trial(0, "paused", 1, 2), trial(1, "running", 1))).toEqual({ kind: "wait" });
  expect(decide(trial(0, "paused", 1, 2), trial(1, "paused", 1, 2))).toMatchObject({
    kind: "clone",
    trial: 1,
    from: 0,
  });
  const copy = { ...trial(1, "running", 1, 2), copies: [{ budget: 2, from: 0 }] };
  expect(decide(trial(0, "paused", 1, 2), copy)).toEqual({ kind: "continue", trial: 0, to: 4 });
  expect(decide(trial(0, "paused", 1, 2, 3, 4), copy)).toEqual({ kind: "wait" });
});

describe("who copies whom", () => {
  const ranking = (...losses: number[]): ReadyMember[] => losses.map((loss, number) => ({ number, loss }));
  const places =
    (...at: number[]) =>
    (member: number): number =>
      at[member] as number;

  test("truncation takes the same share at both ends", () => {
    const twenty = ranking(...Array.from({ length: 20 }, (_, k) => k));
    const draws = (member: number) => (member - 16 + 0.5) / 4;
    expect(truncation()(twenty, draws)).toEqual([0, 1, 2, 3].map((from) => ({ trial: 16 + from, from })));
    expect(truncation({ fraction: 0.5 })(twenty, () => 0)).toHaveLength(10);
    const three = ranking(1, 2, 3); // whose middle belongs to neither half
    expect(truncation({ fraction: 0.5 })(three, () => 0.99)).toEqual([{ trial: 2, from: 0 }]);
    expect(truncation()(ranking(1, 2), () => 0.99)).toEqual([{ trial: 1, from: 0 }]);
  });

  test("a tournament is won by the better one, and equals keep their own", () => {
    expect(binaryTournament()(ranking(1, 2, 3), places(0.1, 0.9, 0.9))).toEqual([{ trial: 2, from: 1 }]);
    expect(binaryTournament()(ranking(1, 2, 3), places(0.9, 0.1, 0.1))).toEqual([
      { trial: 1, from: 0 },
      { trial: 2, from: 0 },
    ]);
    expect(binaryTournament()(ranking(1, 1), () => 0)).toEqual([]);
  });

  test("nobody copies a member that failed", () => {
    const broken = ranking(1, Infinity, Infinity);
    for (const exploit of [truncation(), binaryTournament()]) {
      expect(exploit(broken, () => 0.99)).toEqual([{ trial: 1, from: 0 }, { trial: 2, from: 0 }]); // prettier-ignore
      expect(exploit(ranking(Infinity, Infinity), () => 0)).toEqual([]);
    }
  });
});

describe("what becomes of the hyperparameters of a copy", () => {
  const start = {
    rate: 0.5,
    decay: 1e-3,
    width: 10,
    layers: 1,
    units: 9,
    activation: "relu",
    shift: [-0.5, 0],
  };
  const explored = (factor: number, resample = 0, values: HyperValues = start) =>
    perturbOrResample({ factors: [factor], resample })(values, space, (count) =>
      Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 0.5 : 0.75)),
    );

  test("factors multiply values on a log scale, and the distance from the low end elsewhere", () => {
    expect(explored(1.2)).toEqual({
      rate: expect.closeTo(0.6, 12),
      decay: expect.closeTo(1.2e-3, 12),
      width: 12,
      layers: 2, // 1.2 is rounded, but by one it moves
      units: 10, // 4 + 5 * 1.2
      activation: "relu",
      shift: [expect.closeTo(-0.4, 12), expect.closeTo(0.2, 12)],
    });
    expect(explored(0.8)).toMatchObject({ decay: expect.closeTo(0.8e-3, 12), width: 8, layers: 0, units: 8 });
  });

  test("a draw anew is uniform on the unit interval of the range", () => {
    expect(explored(1.2, 1)).toEqual({
      rate: expect.closeTo(0.675, 6),
      decay: expect.closeTo(10 ** -1.5, 6),
      width: 22, // 65^(3/4)
      layers: 3,
      units: 10,
      activation: "gelu",
      shift: [expect.closeTo(0.5, 6), expect.closeTo(0.5, 6)],
    });
  });

  test("stays strictly inside the ranges, for any values, factors and draws", () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0.01, max: 100, noNaN: true }), (seed, factor) => {
        let values: Readonly<HyperValues> = random().suggest({ space, trials: [], seed, number: 0 });
        const explore = perturbOrResample({ factors: [factor], resample: 0.05 });
        for (let step = 0; step < 20; step++) {
          values = explore(values, space, (count) => randomUniform(randomKey(seed, "draws"), step, count));
          expect(["relu", "tanh", "gelu"]).toContain(values.activation);
          expect(toUnconstrained(space, values).every(Number.isFinite)).toBe(true); // refuses what is not inside
        }
      }),
    );
  });

  test("each is drawn anew with its probability, apart from the others", () => {
    const explore = perturbOrResample();
    const key = randomKey(1, "draws");
    const counts = { rate: 0, decay: 0, both: 0 };
    const near = (ratio: number) => Math.abs(ratio - 0.8) < 1e-6 || Math.abs(ratio - 1.2) < 1e-6;
    for (let step = 0; step < 2000; step++) {
      const values = explore(start, space, (count) => randomUniform(key, step, count));
      const rate = !near((values.rate as number) / start.rate);
      const decay = !near((values.decay as number) / start.decay);
      counts.rate += Number(rate);
      counts.decay += Number(decay);
      counts.both += Number(rate && decay);
    }
    expect(counts.rate / 2000).toBeCloseTo(0.25, 1);
    expect(counts.decay / 2000).toBeCloseTo(0.25, 1);
    expect(counts.both / 2000).toBeCloseTo(0.0625, 1);
    expect(counts.both / 2000).toBeLessThan(0.1);
  });

  test("what a condition lets exist begins with a draw, what it ends is absent", () => {
    const depth = createSpace({
      second: choice(false, { options: [true, false] }),
      units: integer(4, { low: 1, high: 8 }),
    });
    const deep = conditional(depth, { units: { of: "second", in: [true] } });
    const [anew, scaled] = [0, 0.9]; // below and above the probability
    const explore = (values: HyperValues, ...draws: number[]) =>
      perturbOrResample()(values, deep, () => draws);
    expect(explore({ second: false }, anew, 0.3, scaled, 0.3)).toEqual({ second: true, units: 3 });
    expect(explore({ second: true, units: 2 }, anew, 0.6, scaled, 0.3)).toEqual({ second: false });
  });
});

test.each<[string, () => unknown, RegExp]>([
  [
    "no budget",
    () => populationBased({ budget: 0 }),
    /`budget` of populationBased must be a number, above 0, but got 0/,
  ],
  [
    "no members",
    () => populationBased({ budget: 9, members: 0 }),
    /`members` of populationBased must be a whole number, at least 1, but got 0/,
  ],
  [
    "half an interval",
    () => populationBased({ budget: 9, interval: 0.5 }),
    /`interval` of populationBased must be a whole number, at least 1, but got 0.5/,
  ],
  ["most as the best", () => truncation({ fraction: 0.6 }), /at least 0 and at most 0.5, but got 0.6/],
  [
    "a factor of 0",
    () => perturbOrResample({ factors: [0] }),
    /a list of at least 1, each of it a number, above 0, but got \[0\]/,
  ],
  ["a probability of 2", () => perturbOrResample({ resample: 2 }), /at least 0 and at most 1, but got 2/],
])("%s is refused", (_, make, sentence) => expect(make).toThrow(sentence));

test("the interval is a tenth of the budget", () => {
  const tos = (options: PopulationBasedOptions) =>
    simulate(populationBased({ ...options, members: 1 }), 3, byNumber).map(({ decision }) => decision.to);
  expect(tos({ budget: 112 })).toEqual([11, 22, 33]);
  expect(tos({ budget: 2 })).toEqual([1, 2, 1]);
});
