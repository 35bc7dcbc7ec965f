import { expect, test } from "vitest";

import { saidAt, tracePoint, validLoss } from "../../../test/report/trace-point.ts";
import type { RemarkFacts } from "./facts.ts";

test("hyperparameters that moved in vain are told by what the response and the start held fixed say", () => {
  const trace = [
    tracePoint(0, 0.1),
    tracePoint(1, 0.1),
    tracePoint(2, 0.5),
    tracePoint(3, 0.9, validLoss(0.8)),
  ];
  const said = (held: number, more: Partial<RemarkFacts> = {}) =>
    saidAt(trace, 3, { baseline: tracePoint(3, 0.1, validLoss(held)), ...more })[0];
  expect(said(0.8)).toMatch(/hardly depends on them here/);
  expect(said(0.7)).toMatch(
    /^Tuning gained nothing: .* Take the model of the start held fixed\. .* went where it is higher/,
  );
  expect(said(0.79, { rows: { valid: 100 } })).toMatch(/ That is within chance\. .*hardly depends/);
  for (const why of [{ trust: "wrong" }, { gainHolds: false }] as const)
    expect(said(0.8, why)).toMatch(
      /^Tuning changed nothing: [^.]*\.8000, and [^.]*\.8000 with the start held fixed\.$/,
    ); // another sentence says why
});
