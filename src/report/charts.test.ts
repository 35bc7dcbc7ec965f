import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { lossChart } from "./charts.ts";
import { epochText } from "./format.ts";

const point = (epoch: number, loss: number, trial?: TracePoint["trial"]): TracePoint => ({
  ...{ step: epoch, epoch, examples: epoch, gradientEvaluations: epoch, seconds: epoch, hyperparameters: {} },
  ...{ valid: { loss }, ...(trial && { trial }) },
});

/** The drawn lines, those of the legend left out. */
const linesOf = (svg: string): number => [...svg.matchAll(/<path d="M[^"]*L[^"]*" stroke="[^"]*"/g)].length;

test("each training of a search is a line of its own, and the lowest loss so far is one", async () => {
  const size = { width: 600, height: 300 };
  const losses = [3, 2, 5, 4, 2.5, 1];
  const search = losses.map((loss, i) =>
    point(i + 1, loss, { number: Math.floor(i / 2), epoch: (i % 2) + 1 }),
  );
  const run = losses.map((loss, i) => point(i + 1, loss));
  const drawn = (trace: readonly TracePoint[]) =>
    lossChart({ trace, baseline: [], bestEpoch: 6 }, "linear", size);
  expect(linesOf(await drawn(run))).toBe(1);
  expect(linesOf(await drawn(search))).toBe(4);
});

test("an epoch of a search is that of its training", () => {
  expect(epochText({ epoch: 42, trial: { number: 4, epoch: 2 } })).toBe("2 of training 5");
  expect(epochText({ epoch: 7.504 })).toBe("7.5");
});
