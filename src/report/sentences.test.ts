import { expect, test } from "vitest";

import type { Guard, Trust, TuneResult } from "../api/result.ts";
import { sentencesOf } from "./sentences.ts";

const trust = (verdict: Trust["verdict"]) => ({ verdict, sentence: verdict }) as Trust; // all that is looked at
const guard = (holds: boolean | null) => ({ holds, sentence: "guard" }) as Guard; // all that is looked at

const told = (result: Partial<TuneResult>) => sentencesOf({ remarks: [], ...result } as TuneResult); // all that is looked at

test("two sentences at most come first: what puts the numbers in doubt, then remarks in their order, then what confirms the numbers", () => {
  const remarks = ["a", "b", "c"];
  expect(told({ remarks, trust: trust("right") })).toEqual({ first: ["a", "b"], others: ["c", "right"] });
  expect(told({ remarks, trust: trust("wrong"), guard: guard(false) })).toEqual({
    first: ["guard", "wrong"],
    others: remarks,
  });
  expect(told({ remarks: ["a"], trust: trust("wrong") })).toEqual({ first: ["wrong", "a"], others: [] });
  expect(told({ remarks: ["a"], trust: trust("too far") })).toEqual({ first: ["a", "too far"], others: [] });
});

test("what a guard says is among the first, whatever else there is", () => {
  for (const holds of [true, null]) {
    expect(told({ remarks: ["a", "b", "c"], trust: trust("unclear"), guard: guard(holds) })).toEqual({
      first: ["a", "b", "guard"],
      others: ["c", "unclear"],
    });
    expect(told({ guard: guard(holds) })).toEqual({ first: ["guard"], others: [] });
  }
});

test("what calls for nothing is for the report alone", () => {
  for (const verdict of ["unclear", "unchecked"] as const)
    expect(told({ trust: trust(verdict), auto: "auto" })).toEqual({ first: [], others: [verdict, "auto"] });
});
