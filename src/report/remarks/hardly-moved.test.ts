import { expect, test } from "vitest";

import { saidAt, tracePoint, validLoss } from "../../../test/report/trace-point.ts";

test("a gain for which no hyperparameter moved is said to be chance maybe, one for which they went there and back is not", () => {
  const said = (...values: readonly number[]) => {
    const trace = [0.1, ...values].map((l2, epoch) => tracePoint(epoch, l2, validLoss(1 - epoch / 10)));
    return saidAt(trace, values.length, { baseline: tracePoint(3, 0.1, validLoss(0.9)) });
  };
  expect(said(0.1, 0.102, 0.104)).toEqual([
    "Until its best epoch the hyperparameters hardly moved, l2 from 0.1 to 0.104 the most, so that the gain may be chance: other seeds would tell (`seed`).",
  ]);
  expect(said(0.1, 0.14, 0.16)).toEqual([]);
  expect(said(0.1, 0.2, 0.101)).toEqual([]);
});
