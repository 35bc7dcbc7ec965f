import { expect, test } from "vitest";

import { refitSentence } from "./refit.ts";

const numbers = (loss: number, r2: number, RMSE: number) => ({
  ...{ loss, metric: { name: "R2", value: r2 }, measures: { RMSE } },
});

test("a refit of numbers is compared in their own units, since its losses are of another scale", () => {
  const [before, after] = [numbers(0.2333, 0.75, 336.2), numbers(0.236, 0.76, 329.8)];
  expect(refitSentence({ from: "run", hold: false, before, after })).toBe(
    "Test RMSE before: 336.2 (R² 0.75); after training on both parts with the schedule found: 329.8 (R² 0.76).",
  );
});

test("a refit of classes is compared by its losses", () => {
  const scored = (loss: number) => ({ loss, metric: { name: "accuracy", value: 0.75 } });
  const [before, after] = [scored(0.5), scored(0.25)];
  expect(refitSentence({ from: "run", hold: true, before, after })).toMatch(
    /^Test loss before: 0\.5000? \(accuracy .*; after .* held: 0\.2500? \(accuracy /,
  );
});

test("a refit says how long it trained where it took other steps than its run", () => {
  const refit = { from: "run", hold: true };
  const trained = (steps: number) => ({ steps, rows: 142, before: { steps: 20, rows: 106 } });
  expect(refitSentence({ ...refit, trained: trained(22) })).toMatch(
    /gains\. It trained for 22 steps, in which each of its 142 rows is seen as often as the run's 106 in 20\.$/,
  );
  expect(refitSentence({ ...refit, trained: trained(20) })).toBe(refitSentence(refit));
});
