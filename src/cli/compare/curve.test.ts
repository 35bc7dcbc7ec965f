import { describe, expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import { real } from "../../space/real.ts";
import { createSpace } from "../../space/space.ts";
import { growingCurve } from "./curve.ts";
import { remarksOnTuning, remarksOnUntrained } from "./remarks.ts";

const point = (step: number, loss: number, unfit = false): TracePoint => ({
  ...{ step, epoch: step, examples: step, gradientEvaluations: step, seconds: step, hyperparameters: {} },
  valid: { loss },
  ...(unfit && { unfit }),
});

const lossesOf = (trace: readonly TracePoint[]) => {
  const curve = growingCurve({ method: "smash", seed: 1 }, createSpace({}));
  trace.forEach(curve.see);
  return curve.end().points.map(({ seconds, valid }) => [seconds, valid.loss]);
};

test("a curve is of the networks that a method is for, as soon as there is one", () => {
  const generated = [point(0, 2, true), point(1, 1, true), point(2, 3, true)];
  expect(lossesOf(generated)).toEqual([
    [0, 2],
    [1, 1],
    [2, 1],
  ]);
  expect(lossesOf([...generated, point(3, 5), point(4, 4)])).toEqual([
    [3, 5],
    [4, 4],
  ]);
});

test("a curve has nothing of a training that failed, whether it is told so on its way or finds it marked", () => {
  const of = (number: number, step: number, loss: number, failed?: true): TracePoint => ({
    ...point(step, loss),
    trial: { number, epoch: 1, ...(failed && { failed }) },
  });
  const curve = growingCurve({ method: "random", seed: 1 }, createSpace({}));
  curve.see(of(0, 1, 9));
  curve.strike(0);
  expect(curve.end().points).toEqual([]);
  for (const one of [of(1, 2, 5), of(2, 3, 1), of(2, 4, 2)]) curve.see(one);
  curve.strike(2);
  const told = curve.end();
  expect([told.trials, told.points.map(({ seconds, valid }) => [seconds, valid.loss])]).toEqual([
    3,
    [
      [2, 5],
      [4, 5],
    ],
  ]);
  const marked = [of(0, 1, 9, true), of(1, 2, 5), of(2, 3, 1, true), of(2, 4, 2, true)];
  expect(lossesOf(marked)).toEqual([
    [2, 5],
    [4, 5],
  ]);
  expect(lossesOf(marked.slice(0, 1))).toEqual([]);
  expect(curve.end("none did").points).toEqual([]); // a search that failed has found nothing
});

describe("a method that moved no hyperparameter", () => {
  const l2 = (step: number, value: number) => ({ ...point(step, 1), hyperparameters: { l2: { value } } });
  const space = createSpace({ l2: real(0.1, { low: 1e-8, high: 1e4, log: true }) });
  const firstTuning = { steps: 40, epochs: 4, warmupEpochs: 3 };
  const untunedOf = (method: "delta-stn" | "tpe" | "fixed", values: readonly number[], seconds?: number) => {
    const curve = growingCurve({ method, seed: 0 }, space);
    values.forEach((value, i) => curve.see(l2(i + 1, value)));
    return curve.end(undefined, { firstTuning, ...(seconds !== undefined && { seconds }) }).untuned;
  };

  test("says why, and what it takes in what limited it", () => {
    expect(untunedOf("delta-stn", [0.1, 0.1000001], 2)).toBe(
      "The hyperparameters never moved: the run ended after step 2, and its first hyperparameter step follows step 40. Give it some 200 s (--time 200s), of which a fifth goes before that step, or less, since the first steps take the longest, or shorten the warm-up (--warmup-epochs).",
    );
    expect(untunedOf("delta-stn", [0.1, 0.1])).toMatch(
      / Give it some 200 gradients \(--budget-steps 200\), of which a fifth goes before that step, or shorten /,
    );
  });

  test("says nothing where one moved, where it searches or holds them, where there are none, and where it failed", () => {
    expect(untunedOf("delta-stn", [0.1, 0.1, 0.2, 0.1])).toBeUndefined();
    expect(untunedOf("delta-stn", [0.1001, 0.1001])).toBeUndefined();
    expect(untunedOf("delta-stn", [])).toBeUndefined();
    expect(untunedOf("tpe", [0.1, 0.1])).toBeUndefined();
    expect(untunedOf("fixed", [0.1, 0.1])).toBeUndefined();
    const bare = growingCurve({ method: "stn", seed: 0 }, createSpace({}));
    const failed = growingCurve({ method: "stn", seed: 0 }, space);
    bare.see(point(1, 1));
    expect(bare.end().untuned).toBeUndefined();
    failed.see(l2(1, 0.1));
    failed.see(l2(2, 0.1));
    expect(failed.end("no").untuned).toBeUndefined();
    expect(failed.end().untuned).toMatch(/^The hyperparameters never moved/);
  });

  test("is told with the seeds from which it did not", () => {
    const curve = (method: string, seed: number, untuned?: string) => ({
      ...{ method, seed, trials: 1, points: [] },
      ...(untuned !== undefined && { untuned }),
    });
    expect(
      remarksOnTuning([
        curve("a", 0),
        curve("b", 0, "They never moved."),
        curve("a", 1, "No step."),
        curve("a", 2),
      ]),
    ).toEqual([
      "a tuned nothing from 1 of 3 seeds: what it reached there is plain training's. No step.",
      "b tuned nothing: what it reached there is plain training's. They never moved.",
    ]);
  });
});

test("a method none of whose networks came below the untrained one is told, with its seeds", () => {
  const ended = (seed: number, losses: readonly number[], begun = 1.12) => {
    const curve = growingCurve({ method: "random", seed }, createSpace({}));
    curve.begin(point(0, begun));
    losses.forEach((loss, i) => curve.see(point(i + 1, loss)));
    return curve.end();
  };
  const [above, below] = [ended(0, [9e5, 1.12]), ended(1, [1.5, 1.1])];
  expect([above.untrained, below.untrained]).toEqual([1.12, undefined]);
  expect(remarksOnUntrained([below])).toEqual([]);
  const failed = growingCurve({ method: "random", seed: 0 }, createSpace({}));
  failed.begin(point(0, 1));
  failed.see(point(1, 2));
  expect(failed.end("it diverged").untrained).toBeUndefined(); // which says why
  expect(remarksOnUntrained([above])).toEqual([
    "No network of random has a lower validation loss than the untrained one: take another learning rate (--lr), or other ranges of the hyperparameters (--hyper).",
  ]);
  expect(remarksOnUntrained([above, below, { ...above, method: "gp" }])).toEqual([
    expect.stringMatching(/^No network of random \(1 of 2 seeds\) or gp has a lower /),
  ]);
});
