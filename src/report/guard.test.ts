import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { guardOf } from "./guard.ts";

const at = (seen: number, loss: number) => ({ guard: { rows: 100, seen, loss } }) as unknown as TracePoint; // nothing else is read
const start = at(0.2, 0.21);

test("a gain that both have holds, with both in figures", () => {
  expect(guardOf(at(0.15, 0.18), start, "a start")).toEqual({
    ...{ rows: 100, gainTuner: expect.closeTo(0.05) as number, gainGuard: expect.closeTo(0.03) as number },
    holds: true,
    sentence:
      "The gain holds on rows that the tuner does not see: against a start, the validation loss is lower by 0.05 on those that it sees, and lower by 0.03 on the 100 kept from it.",
  });
});

test("a gain that the tuner's rows have alone does not hold, and what to do is said", () => {
  expect(guardOf(at(0.04, 0.22), start, "a start")?.sentence).toMatch(
    /^The gain does not hold .* lower by 0.16 .* higher by 0.01 on the 100 kept from it\. Tune fewer .*`hyperPenalty: 0\.01`/,
  );
  expect(guardOf(at(0.04, 0.2), start, "a start")).toMatchObject({
    holds: false,
    sentence: expect.stringMatching(/^The gain does not hold/) as string,
  });
});

test("nothing is concluded from so few rows that chance may decide", () => {
  const few = (seen: number, loss: number, rows: number) =>
    ({ guard: { rows, seen, loss } }) as unknown as TracePoint;
  const of = (rows: number, loss: number) => guardOf(few(0.15, loss, rows), few(0.2, 0.2, rows), "a start");
  // a third of .05 is .0167; chance makes half a loss of .2 over the root of 16, .025, and of 100, .01; of nine rows nobody knows what
  const holds = (rows: number, losses: readonly number[]) => losses.map((loss) => of(rows, loss)?.holds);
  expect(holds(16, [0.158, 0.159, 0.208, 0.209])).toEqual([true, null, null, false]);
  expect(holds(100, [0.172, 0.175, 0.194])).toEqual([true, null, false]);
  expect(holds(9, [0.001, 0.19, 9])).toEqual([null, null, null]);
  expect(of(16, 0.19)?.sentence).toBe(
    "Too few rows are kept from the tuner to tell whether the gain holds on them: against a start, the validation loss is lower by 0.05 on those that it sees, and lower by 0.01 on the 16 kept from it, where chance makes 0.025.",
  );
  expect(of(9, 0.19)?.sentence).toMatch(/^Too few rows .* lower by 0\.01 on the 9 kept from it\.$/);
});

test("no gain holds elsewhere that is none, not sure, or not tuning's; that one does not hold is said of all but the last", () => {
  const of = (gain: Parameters<typeof guardOf>[3]) =>
    [0.15, 0.25].map((loss) => guardOf(at(0.1, loss), start, "a start", gain));
  const figures =
    ": against a start, the validation loss is lower by 0.1 on the rows that the tuner sees, and lower by 0.06 on the 100 kept from it.";
  for (const [gain, why] of [
    ["unconfirmed", "The gain may be chance, since the test rows do not confirm it"],
    ["by chance", "The gain may be chance"],
    ["too little", "The gain is too little to judge"],
    ["none", "There is no gain on all validation rows together"],
    ["loss", "There is no gain on all validation rows together"],
  ] as const)
    expect(of(gain)).toMatchObject([{ holds: null, sentence: `${why}${figures}` }, { holds: false }]);
  expect(of("sure")).toMatchObject([{ holds: true }, { holds: false }]);
  const untuned = { holds: null, sentence: expect.stringMatching(/^The gain is not tuning's, /) as string };
  expect(of("untuned")).toMatchObject([untuned, untuned]);
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
  const { sentence, holds } = guardOf(at(0.15, 0.22), start) ?? {};
  expect(holds).toBeNull();
  expect(sentence).toBe(
    "Since the hyperparameters began to move, the validation loss fell by 0.05 on the rows that the tuner sees and rose by 0.01 on the 100 kept from it; what of it is tuning's and not training's, only a baseline tells (`baseline: true`).",
  );
});
