import { expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import { trackRun } from "./track-run.ts";

test("the best so far of a search is that within its bounds, once a training keeps them", () => {
  const seen: Record<string, number>[] = [];
  const tracker = {
    begin: ({ name }: { readonly name: string }) => ({
      see: (_: number, scalars: Record<string, number>) => void (name === "search" && seen.push(scalars)),
      end: () => undefined,
    }),
    close: () => Promise.resolve([]),
  };
  const tracked = trackRun(tracker, { name: "search", params: {}, stepsPerEpoch: 1 });
  const at = (number: number, loss: number, more: Partial<TracePoint> = {}): TracePoint => ({
    ...{ step: number, epoch: 1, examples: 1, gradientEvaluations: 1, seconds: 1, hyperparameters: {} },
    ...{ valid: { loss }, trial: { number, epoch: 1 }, ...more },
  });
  const unfit = { unfit: true as const };
  for (const point of [at(0, 2, unfit), at(1, 1, unfit), at(2, 4), at(3, 0.5, unfit), at(4, 3), at(5, 3.5)]) {
    tracked.point(point);
  }
  expect(seen.map((scalars) => scalars["best/valid/loss"])).toEqual([2, 1, 4, 4, 3, 3]);
});
