import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { guardOf } from "./guard.ts";

const at = (seen: number, loss: number) => ({ guard: { rows: 100, seen, loss } }) as unknown as TracePoint; // nothing else is read
const start = at(0.2, 0.21);

test("a gain that both have holds, with both in figures", () => {
  expect(guardOf(at(0.15, 0.18), start, "a start")).toEqual({
    ...{ rows: 100, gainTuner: expect.closeTo(0.05) as number, gainGuard: expect.closeTo(0.03) as number },
    sentence:
      "The gain holds on rows that the tuner does not see: against a start, the validation loss is lower by 0.05 on those that it sees, and lower by 0.03 on the 100 kept from it.",
  });
});

test("a gain that the tuner's rows have alone does not hold, and what to do is said", () => {
  expect(guardOf(at(0.04, 0.22), start, "a start")?.sentence).toMatch(
    /^The gain does not hold .* lower by 0.16 .* higher by 0.01 on the 100 kept from it\. Tune fewer .*`hyperPenalty: 0\.01`/,
  );
  expect(guardOf(at(0.04, 0.2), start, "a start")?.sentence).toMatch(/^The gain does not hold/);
});

test("no gain is no gain, and without a guard nothing is said", () => {
  expect(guardOf(at(0.21, 0.22), start, "a start")?.sentence).toMatch(/^Tuning gained nothing/);
  expect(guardOf(at(0.21, 0.2), start, "a start")?.sentence).toMatch(
    /^There is no gain to judge .* higher by 0.01 on those that it sees, and lower by 0.01 on the 100 kept/,
  );
  expect(guardOf({} as TracePoint, start, "a start")).toBeUndefined();
  expect(guardOf(at(0.1, 0.1), undefined, "")).toBeUndefined();
});

test("without a baseline, what training lowers is not taken for tuning's gain", () => {
  const { sentence } = guardOf(at(0.15, 0.22), start) ?? {};
  expect(sentence).toBe(
    "Since the hyperparameters began to move, the validation loss fell by 0.05 on the rows that the tuner sees and rose by 0.01 on the 100 kept from it; what of it is tuning's and not training's, only a baseline tells (`baseline: true`).",
  );
});
