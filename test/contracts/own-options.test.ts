import { expect, test } from "vitest";

import {
  createSpace,
  deltaStn,
  fixed,
  grid,
  hyperTraining,
  integer,
  medianStop,
  quasiRandom,
  random,
  real,
  smash,
  successiveHalving,
} from "../../src/index.ts";
import { allOptions } from "../../src/methods/all-options.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import { constant } from "../../src/nn/optim/schedule.ts";

const space = createSpace({ x: real(0.5, { low: 0, high: 1 }), n: integer(2, { low: 1, high: 3 }) });

test.each([
  ["random", random],
  ["quasiRandom", quasiRandom],
] as const)("%s has no options and says so", (_, make) => {
  expect(() => make({ seed: 1 } as never)).toThrow(
    /must be given options of its own, but got "seed"; it has none$/,
  );
});

test.each([
  [() => real("x" as never), '`start` of real must be a number, but got "x"'],
  [() => integer(null as never, { low: 0, high: 3 }), "`start` of integer must be a number, but got null"],
  [
    () => (constant as (rate: number) => unknown)(0.5),
    "constant must be given nothing, but got 0.5; a schedule is a factor on the learning rate",
  ],
])("%s is refused where it is made, and not where it is used", (make, message) => {
  expect(make).toThrow(message);
});

test("a grid has points of hyperparameters of its space alone", () => {
  const suggest = (points: Record<string, number>) =>
    grid({ points }).suggest({ space, trials: [], seed: 0, number: 0 });
  expect(() => suggest({ y: 3 })).toThrow(
    'points of a grid must be of the hyperparameters x, n, but got "y"',
  );
  expect(suggest({ x: 3 })).toBeDefined();
});

test.each([
  [
    () => successiveHalving({ budget: 9, trials: NaN }),
    "`trials` of successiveHalving must be a whole number",
  ],
  [() => medianStop({ budget: 9, least: 0 }), "`least` of medianStop must be a whole number"],
  [() => medianStop({ budget: 9, grace: NaN }), "`grace` of medianStop must be a number, at least 0"],
])("%s is refused, which would train for ever or stop nothing", (make, message) => {
  expect(make).toThrow(message);
});

const misvalued: readonly (readonly [make: (options: never) => unknown, given: object, message: string])[] = [
  [deltaStn, { perturbations: "fulll" }, '`perturbations` of delta-stn must be independent, paired or full, but got "fulll"; did you mean "full"?'], // prettier-ignore
  [deltaStn, { warmupEpochs: -2 }, "`warmupEpochs` of delta-stn must be a number, at least 0, or Infinity, but got -2; leave it out for its default"], // prettier-ignore
  [
    deltaStn,
    { warmupEpochs: "x" },
    '`warmupEpochs` of delta-stn must be a number, at least 0, or Infinity, but got "x"',
  ],
  [
    deltaStn,
    { hyperLearningRate: "a" },
    '`hyperLearningRate` of delta-stn must be a number, at least 0, but got "a"',
  ],
  [deltaStn, { trainSteps: 0 }, "`trainSteps` of delta-stn must be a whole number, at least 1, but got 0"],
  [
    deltaStn,
    { preset: "paper", trainSteps: 0 },
    "`trainSteps` of delta-stn must be a whole number, at least 1, but got 0",
  ],
  [deltaStn, { learningRate: -1 }, "`learningRate` of delta-stn must be a number, at least 0, but got -1"],
  [deltaStn, { responseAveraging: 1 }, "`responseAveraging` of delta-stn must be a number, at least 0 and below 1, but got 1"], // prettier-ignore
  [deltaStn, { responseEvery: 0 }, "`responseEvery` of delta-stn must be a whole number, at least 1, but got 0"], // prettier-ignore
  [deltaStn, { optimizer: "adamm" }, '`optimizer` of delta-stn must be an optimizer, such as adam(), but got "adamm"; leave it out'], // prettier-ignore
  [deltaStn, { optimizer: adam }, "but got a function; call it, and give what it returns"],
  [
    deltaStn,
    { optimizer: null },
    "`optimizer` of delta-stn must be an optimizer, such as adam(), but got null",
  ],
  [deltaStn, { schedule: 0.5 }, "`schedule` of delta-stn must be a function of the training step, such as constant(), but got 0.5"], // prettier-ignore
  [
    hyperTraining,
    { perturbations: "full" },
    '`perturbations` of hyper-training must be independent or paired, but got "full"',
  ],
  [fixed, { clipNorm: 0 }, "`clipNorm` of fixed must be a number, above 0, or Infinity, but got 0"],
  [smash, { hypernetEpochs: 1, learningRate: NaN }, "`learningRate` of smash must be a number, at least 0, but got NaN"], // prettier-ignore
];

test.each(misvalued)(
  "%o does not take %j, which would train otherwise than its user thinks",
  (make, given, message) => {
    expect(() => make(given as never)).toThrow(message);
  },
);

test.each(Object.entries(allOptions))(
  "%s as a flag says nothing of Infinity, which none can be",
  (_, { type }) => {
    expect([type.must, type.holds(Infinity)]).toEqual([expect.not.stringContaining("Infinity"), false]);
  },
);

test.each([
  { warmupEpochs: 0.5, trainSteps: 3 },
  { warmupEpochs: Infinity, learningRate: 0, mostApart: Infinity },
  { optimizer: adam(), perturbations: "full" as const, clipNorm: Infinity },
])("%j is taken", (given) => {
  expect(() => deltaStn(given)).not.toThrow();
});
