import { expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import type { RunEvent } from "../../tuners/run.ts";
import { follow } from "./progress.ts";

test.each([
  [1, 9, ["0", "0", "1", "1", "2"]],
  [2, Infinity, ["0", "0", "0", "0", "1"]],
])("with %i steps an epoch, the epoch shown is that of the losses shown", (stepsPerEpoch, steps, shown) => {
  const standing = follow({ name: "tuning", timeLimit: 60 });
  const events: RunEvent[] = [{ kind: "start", trace: at(0), steps, stepsPerEpoch }];
  for (const step of [1, 2]) {
    events.push({ kind: "step", step, seconds: step, loss: 1 });
    events.push({ kind: "epoch", trace: at(step), improved: false });
  }
  const end = steps === Infinity ? "" : `/${steps / stepsPerEpoch}`;
  expect(events.map((event) => standing(event).epoch)).toEqual(shown.map((epoch) => epoch + end));
});

const at = (step: number): TracePoint => ({
  ...{ step, epoch: step, examples: 0, gradientEvaluations: 0, seconds: step },
  ...{ hyperparameters: {}, valid: { loss: 1 } },
});
