import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { metricSentence } from "./metric-sentence.ts";

test("a metric that is no number at any evaluation is told", () => {
  const point = (value: number | null) =>
    ({ valid: { loss: 1, metric: { name: "mae", value } } }) as unknown as TracePoint;
  expect(metricSentence([point(NaN), point(null)])).toMatch(
    /^The metric mae was no number at any evaluation: /,
  );
  expect(metricSentence([point(NaN), point(1)])).toBeUndefined();
  expect(metricSentence([{ valid: { loss: 1 } } as unknown as TracePoint])).toBeUndefined();
  expect(metricSentence([])).toBeUndefined();
});
