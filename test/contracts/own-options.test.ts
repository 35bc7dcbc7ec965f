import { describe, expect, test } from "vitest";

import {
  asha,
  cmaEs,
  createSearch,
  createSpace,
  deltaStn,
  fixed,
  freezeThaw,
  gpSampler,
  grid,
  hyperband,
  hyperTraining,
  integer,
  medianStop,
  nsga2,
  perturbOrResample,
  populationBased,
  quasiRandom,
  random,
  real,
  smash,
  successiveHalving,
  tpe,
  truncation,
} from "../../src/index.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import { plateau } from "../../src/nn/optim/plateau.ts";

const space = createSpace({ x: real(0.5, { low: 0, high: 1 }), n: integer(2, { low: 1, high: 3 }) });

/** As JavaScript calls them, which has no types; each with an option of its own and what it must have besides. */
const factories: Readonly<
  Record<string, readonly [make: (options: never) => unknown, own: string, needs?: object]>
> = {
  cmaEs: [cmaEs, "population"],
  gpSampler: [gpSampler, "startupTrials"],
  grid: [grid, "points"],
  nsga2: [nsga2, "crossover"],
  tpe: [tpe, "candidates"],
  truncation: [truncation, "fraction"],
  perturbOrResample: [perturbOrResample, "resample"],
  plateau: [plateau, "wait"],
  createSearch: [(options) => createSearch(space, tpe(), options), "seed"],
  asha: [asha, "eta", { budget: 9 }],
  freezeThaw: [freezeThaw, "interval", { budget: 9 }],
  hyperband: [hyperband, "eta", { budget: 9 }],
  medianStop: [medianStop, "interval", { budget: 9 }],
  populationBased: [populationBased, "members", { budget: 9 }],
  successiveHalving: [successiveHalving, "trials", { budget: 9 }],
  deltaStn: [deltaStn, "hyperLearningRate"],
  fixed: [fixed, "learningRate"],
};

describe.each(Object.entries(factories))("%s", (_, [make, own, needs]) => {
  const made = (options: unknown) => make(options as never);

  test("refuses an option that it does not have, and names the one that is near", () => {
    const misspelt = `${own.slice(0, 2)}${own.slice(3)}`;
    expect(() => made({ ...needs, [misspelt]: 3 })).toThrow(
      `must be given options of its own, but got "${misspelt}"; did you mean "${own}"?`,
    );
    expect(() => made({ ...needs, constructor: 3 })).toThrow('but got "constructor"');
  });

  test.each([null, 5, "text", [1]])("refuses %j in the place of its options", (given) => {
    expect(() => made(given)).toThrow(
      /must be given its options as an object, such as \{ \w+: … \}, but got /,
    );
  });

  test("takes an option that is left undefined for one that is left out", () => {
    expect(() => made({ ...needs, [own]: undefined })).not.toThrow();
  });
});

test.each([
  ["random", random],
  ["quasiRandom", quasiRandom],
] as const)("%s has no options and says so", (_, make) => {
  expect(() => make({ seed: 1 } as never)).toThrow(
    /must be given options of its own, but got "seed"; it has none$/,
  );
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
  [() => successiveHalving({ budget: 9, trials: NaN }), "trials must be a whole number"],
  [() => medianStop({ budget: 9, least: 0 }), "least must be a whole number"],
  [() => medianStop({ budget: 9, grace: NaN }), "grace must be a number of epochs from 0 on"],
])("%s is refused, which would train for ever or stop nothing", (make, message) => {
  expect(make).toThrow(message);
});

const misvalued: readonly (readonly [make: (options: never) => unknown, given: object, message: string])[] = [
  [deltaStn, { perturbations: "fulll" }, '`perturbations` must be independent, paired or full, but got "fulll"; did you mean "full"?'], // prettier-ignore
  [deltaStn, { warmupEpochs: -2 }, "`warmupEpochs` must be a number, at least 0, but got -2; leave it out for its default"], // prettier-ignore
  [deltaStn, { warmupEpochs: "x" }, '`warmupEpochs` must be a number, at least 0, but got "x"'],
  [deltaStn, { hyperLearningRate: "a" }, '`hyperLearningRate` must be a number, at least 0, but got "a"'],
  [deltaStn, { trainSteps: 0 }, "`trainSteps` must be a whole number, at least 1, but got 0"],
  [
    deltaStn,
    { preset: "paper", trainSteps: 0 },
    "`trainSteps` must be a whole number, at least 1, but got 0",
  ],
  [deltaStn, { learningRate: -1 }, "`learningRate` must be a number, at least 0, but got -1"],
  [deltaStn, { responseAveraging: 1 }, "`responseAveraging` must be a number, at least 0 and below 1, but got 1"], // prettier-ignore
  [deltaStn, { optimizer: "adamm" }, '`optimizer` must be an optimizer, such as adam(), but got "adamm"; give one'], // prettier-ignore
  [deltaStn, { optimizer: adam }, "but got a function, which makes one; call it"],
  [deltaStn, { optimizer: null }, "`optimizer` must be an optimizer, such as adam(), but got null"],
  [deltaStn, { schedule: 0.5 }, "`schedule` must be a function of the training step, such as constant(), but got 0.5"], // prettier-ignore
  [hyperTraining, { perturbations: "full" }, '`perturbations` must be independent or paired, but got "full"'],
  [fixed, { clipNorm: 0 }, "`clipNorm` must be a number, above 0, but got 0"],
  [smash, { hypernetEpochs: 1, learningRate: NaN }, "`learningRate` must be a number, at least 0, but got NaN"], // prettier-ignore
];

test.each(misvalued)(
  "%o does not take %j, which would train otherwise than its user thinks",
  (make, given, message) => {
    expect(() => make(given as never)).toThrow(message);
  },
);

test.each([
  { warmupEpochs: 0.5, trainSteps: 3 },
  { warmupEpochs: Infinity, learningRate: 0, mostApart: Infinity },
  { optimizer: adam(), perturbations: "full" as const, clipNorm: Infinity },
])("%j is taken", (given) => {
  expect(() => deltaStn(given)).not.toThrow();
});
