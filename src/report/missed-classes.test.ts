import { expect, test } from "vitest";

import { missedClassesSentence } from "./missed-classes.ts";

const score = (...confusion: readonly (readonly number[])[]) => ({ loss: 1, confusion });

test("rare classes that no row is taken for are told, with what counts them", () => {
  const valid = score([50, 2, 0], [3, 40, 0], [4, 1, 0]);
  const test = score([60, 1, 0], [2, 45, 0], [1, 0, 0]);
  const names = ["yes", "no", "perhaps"];
  expect(missedClassesSentence({ valid, test }, { names })).toBe(
    'No row is taken for the class "perhaps" at the best epoch, though 6 of 209 validation and test rows are of it, which accuracy hardly shows; `classWeights: "balanced"` counts it as much as the frequent ones.',
  );
  expect(missedClassesSentence({ valid, test }, { names, weighsClasses: true })).toMatch(
    /, which accuracy hardly shows\.$/,
  );
  expect(missedClassesSentence({ valid })).toMatch(
    /^No row is taken for the class "2" .* 5 of 100 validation rows are /,
  );
});

test("nothing is told of classes that are found, that are frequent or have next to no rows", () => {
  const found = score([50, 2, 0], [3, 40, 0], [4, 1, 1]);
  expect(missedClassesSentence({ valid: found })).toBeUndefined();
  const once = {
    valid: score([50, 2, 0], [3, 40, 0], [4, 1, 0]),
    test: score([9, 0, 1], [0, 9, 0], [0, 0, 0]),
  };
  expect(missedClassesSentence(once)).toBeUndefined(); // in test it is, be it wrongly
  expect(missedClassesSentence({ valid: score([50, 0], [20, 0]) })).toBeUndefined(); // which accuracy shows
  expect(missedClassesSentence({ valid: score([50, 0], [2, 0]) })).toBeUndefined();
  expect(missedClassesSentence({ valid: { loss: 1 } })).toBeUndefined(); // beyond 50 classes
});
