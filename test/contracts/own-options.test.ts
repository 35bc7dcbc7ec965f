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
  integer,
  medianStop,
  nsga2,
  perturbOrResample,
  populationBased,
  quasiRandom,
  random,
  real,
  successiveHalving,
  tpe,
  truncation,
} from "../../src/index.ts";
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
