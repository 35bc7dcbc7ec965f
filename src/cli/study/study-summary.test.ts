import { expect, test } from "vitest";

import { bestTrial, endsOf, failuresOf, type TrialSummary } from "./study-summary.ts";
import { describeStudy, valueText } from "./study-text.ts";

const trial = (number: number, state: TrialSummary["state"], best: number | null): TrialSummary => ({
  ...{ number, state, best, values: {}, attempt: 1, epochs: best === null ? 0 : 1 },
});
const done = trial(0, "complete", 0.5);

test("failures are counted, with those that came to no finite loss", () => {
  const [early, late] = [trial(1, "failed", null), trial(2, "failed", 9)];
  expect(failuresOf([done])).toBeUndefined();
  expect(failuresOf([done, late])).toBe("1 failed");
  expect(failuresOf([done, early])).toBe("1 failed without a finite loss");
  expect(endsOf([done, early, late])).toBe(
    "3 trials, 1 to the end, 2 failed, 1 of them without a finite loss",
  );
  const open = { name: "s", state: "open", best: 0, front: [0], trials: [done, early] } as const;
  expect(describeStudy(open)).toMatch(
    /^s: open, 2 trials, 2 done \(1 failed without a finite loss\), best 0\.5000 by trial 0\n/,
  );
});

test("a trial that failed is neither the best nor first in the table, whatever its loss was", () => {
  const early = { ...trial(1, "failed", 0.1), reason: "a" };
  expect(bestTrial([early, done])).toBe(done);
  expect(bestTrial([early])).toBeUndefined();
  expect(endsOf([done])).toBe("1 trial, 1 to the end");
  const told = describeStudy({ name: "s", state: "open", best: 0, front: [0], trials: [early, done] });
  expect(told).toMatch(/best 0\.5000 by trial 0\n(.*\n)+ +0 +complete .*\n +1 +failed /);
  const reasons = ["a", "b", "c", "d"].map((reason, i) => ({ ...trial(i, "failed", null), reason }));
  expect(describeStudy({ name: "s", state: "open", best: null, front: [], trials: reasons })).toContain(
    "… and 1 other reason;",
  );
});

test("values are told as they are typed, whole ones in full unless they have more digits than a number holds", () => {
  expect([12_340, 0.12346, 12_345.6, 8.346922905112037e28, 1.234e-4].map(valueText)).toEqual([
    ...["12340", "0.1235", "12346", "8.347e+28", "1.234e-4"],
  ]);
});
