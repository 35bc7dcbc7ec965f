import { expect, test } from "vitest";

import * as library from "../../src/methods/standard-tuners.ts";

test.each<[string, () => unknown, RegExp]>([
  [
    "a misspelt one",
    () => library.deltaStn({ trainStep: 2 } as object),
    /^delta-stn must .* got "trainStep"; did you mean "trainSteps"\?$/,
  ],
  [
    "one of another method",
    () => library.stn({ responseAveraging: 0.5 } as object),
    /^stn must .* got "responseAveraging"/,
  ],
  [
    "the Hessian of t1-t2",
    () => library.t1T2({ curvature: "hessian" } as object),
    /^t1-t2 must .* got "curvature"/,
  ],
  [
    "samples at one point",
    () => library.simplifiedHyperTraining({ samples: 3 } as object),
    /^hyper-training-simplified must .* got "samples"/,
  ],
  ["a preset of fixed", () => library.fixed({ preset: "paper" } as object), /^fixed must .* got "preset"/],
  [
    "a name that every object has",
    () => library.unrolled({ toString: 1 } as object),
    /^unrolled must .* got "toString"/,
  ],
  [
    "an unknown preset",
    () => library.deltaStn({ preset: "papers" } as object),
    /^`preset` of delta-stn must be standard or paper, but got "papers"; did you mean "paper"\?$/,
  ],
  [
    "a hypernetwork without time",
    () => library.globalHyperTraining({ preset: "paper" }),
    /^hypernetEpochs must be given with the preset paper/,
  ],
])("an option that the method does not have is refused: %s", (_, make, sentence) => {
  expect(make).toThrow(sentence);
});
