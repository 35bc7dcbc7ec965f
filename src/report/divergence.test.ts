import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { divergenceSentence, type DivergenceFacts } from "./divergence.ts";
import { resultOf } from "./result.ts";
import type { RunEnd } from "./run-facts.ts";

const space = createSpace({ l2: real(0.1, { low: 0, high: 1 }) });

const point = (epoch: number, train: number, l2 = 0.1, more: Partial<TracePoint> = {}): TracePoint => ({
  ...{ step: 10 * epoch, epoch, examples: 0, gradientEvaluations: 10 * epoch, seconds: epoch },
  ...{ hyperparameters: { l2: { value: l2 } }, valid: { loss: epoch === 1 ? 0.5 : 2 } },
  ...(epoch > 0 && { train: { loss: train, penalty: 0 } }),
  ...{ guard: { rows: 4, loss: epoch === 1 ? 0.4 : 2, seen: epoch === 1 ? 0.6 : 1e13 } },
  ...more,
});

const said = (losses: readonly number[], facts: DivergenceFacts = {}, l2 = 0.1) => {
  const trace = [point(0, 0), ...losses.map((loss, i) => point(i + 1, loss, i === 2 ? l2 : 0.1))];
  return divergenceSentence(trace, trace[1] as TracePoint, facts);
};

test("a training loss more than ten times above the untrained network's behind the best point has diverged, by that epoch", () => {
  expect(said([1, 21.9, 1])).toBeUndefined();
  expect(said([1, 22.1, 1], { learningRate: 3 })).toBe(
    "Training diverged: by epoch 2 the training loss was 22.10, where the untrained network has 2.0000. Take a tenth of the learning rate (`lr: 0.3`), and a tenth of that where it still does.",
  );
  expect(said([22.1, 1, 1])).toBeUndefined(); // it came back, and was best thereafter
  const search = [0, 1, 2].map((epoch) => point(epoch, 1e9, 0.1, { trial: { number: epoch, epoch: 1 } }));
  expect(divergenceSentence(search, search[0] as TracePoint, { ended: "diverged" })).toBeUndefined();
});

test("a number that became infinite is said behind the last epoch, with the rates that may have been too large", () => {
  expect(said([1, 2, 3], { ended: "diverged" })).toMatch(
    /^Training diverged: behind epoch 3 a number .* of the learning rate \(`lr`\), and/,
  );
  const both = / of the learning rates of the weights \(`lr`\) and of the hyperparameters \(`hyperLr`\), and/;
  expect(said([1, 2, 3], { ended: "diverged" }, 0.2)).toMatch(both);
  const tuning = (steps: number) => ({ firstTuning: { steps, epochs: 4, warmupEpochs: 3 } });
  expect(said([1, 2, 3], { ended: "diverged", ...tuning(40) })).toMatch(both); // of the epoch that has no point
  expect(said([1, 2, 3], { ended: "diverged", ...tuning(41) })).not.toMatch(both);
  const rates = [0, 1, 2].map((epoch) => point(epoch, 1e9, 0.1, { hyperparameters: { lr: { value: 0.1 } } }));
  expect(divergenceSentence(rates, rates[0] as TracePoint, {})).toMatch(
    / the learning rate's range \(`hyper`\)/,
  );
});

test("of a run that diverged that alone is told, without guard, response, rates and linear model", () => {
  const trace = [
    point(0, 0),
    point(1, 1, 0.1, { rateFactor: 1 }),
    point(2, 2, 0.2),
    point(3, 1e13, 0.2, { rateFactor: 0.5 }),
  ];
  const [, best, , final] = trace as [TracePoint, TracePoint, TracePoint, TracePoint];
  const resultWith = (reason: RunEnd["reason"], held = false) =>
    resultOf({
      ...{ run: "r", report: "r.html", method: "own", engine: "jax", seed: 0, space, trace },
      ...{ end: { reason, best, final }, linear: point(3, 1), learnsResponse: true, holdsHypers: held },
    });
  for (const reason of ["epochs", "diverged"] as const) {
    for (const held of [false, true]) {
      const { remarks, guard, trust } = resultWith(reason, held);
      expect(remarks).toEqual([expect.stringMatching(/^Training diverged: by epoch 3 /)]);
      expect([guard, trust]).toEqual([undefined, undefined]);
    }
  }
});

test("without a baseline a guard tells nothing of a run whose best point came before its hyperparameters moved", () => {
  const trace = [point(0, 0), point(1, 1), point(2, 2, 0.2), point(3, 2, 0.2)];
  const guardAt = (index: number) => {
    const best = trace[index] as TracePoint;
    const end: RunEnd = { reason: "epochs", best, final: best };
    const named = { run: "r", report: "r.html", method: "own", engine: "jax", seed: 0, space, trace };
    return resultOf({ ...named, end }).guard?.sentence;
  };
  expect(guardAt(1)).toBeUndefined();
  expect(guardAt(2)).toMatch(/^Since the hyperparameters began to move, /);
});
