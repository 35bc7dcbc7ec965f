import { expect, test } from "vitest";

import type { ResponseCheck, TracePoint } from "../api/trace.ts";
import { trustOf } from "./trust.ts";

const noise = 1e-4;

type Check = readonly [predicted: number, seen: number, cosine?: number | undefined, opposite?: number];

/** What is made of some checks. */
const trust = (...checks: readonly Check[]) =>
  trustOf(
    checks.map(([predicted, seen, cosine, opposite]) => ({
      check: {
        ...{ predicted, seen, noise },
        ...(cosine !== undefined && { cosine }),
        ...(opposite !== undefined && { opposite }),
      } satisfies ResponseCheck,
      valid: { loss: 1 },
    })) as unknown as TracePoint[], // of which nothing else is read
  );

test("what came as predicted is right, whichever way the prediction went", () => {
  expect(trust([-0.01, -0.009, 0.9], [0.004, 0.005, 0.9])).toMatchObject({
    ...{ verdict: "right", checks: 2, predicted: expect.closeTo(-0.007), seen: expect.closeTo(-0.007) },
    sentence:
      "The response is right here: it predicted that ten training steps at hyperparameters which it prefers lower the validation loss by 0.007, and they lowered it by 0.007, of which chance may make 0.006 (mean of 2 checks, cosine 0.90 with the hypergradient of training itself).",
  });
});

test("a prediction against which the loss rises, surely, is wrong", () => {
  expect(trust([-0.012, 0.003], [-0.01, 0.002], [-0.011, 0.003]).sentence).toMatch(
    /^The response is wrong here: .* by 0.011, but they raised it by 0.0027, of which chance may make 6.8e-4 \(mean of 3 checks\)\. /,
  );
});

test("what cannot be seen leads nobody astray, however much was predicted", () => {
  expect(trust([-3e-3, 1e-6], [-2e-3, -4e-6]).verdict).toBe("unclear");
  expect(trust([-3e-3, 1.5e-3], [-2e-3, 1e-3], [-2e-3, 1e-3]).verdict).toBe("wrong");
});

test("what is next to nothing beside the first loss is not judged, however sure it is", () => {
  const beside = (loss: number) =>
    trustOf([
      { valid: { loss }, check: { predicted: -2e-5, seen: 2e-5, noise: 0 } },
    ] as unknown as TracePoint[]);
  expect([beside(0.1).verdict, beside(1).verdict]).toEqual(["wrong", "unclear"]);
});

test("a loss that rises both ways in the right direction makes the step too long, never the response right in part", () => {
  const told = trust([-1.2e-3, 5.7e-3, 0.98, 8e-3]);
  expect(told).toMatchObject({
    ...{ verdict: "too far", predicted: -1.2e-3, seen: 5.7e-3 },
    sentence:
      "The response points the right way here, but one perturbation is too long a step: it predicted that ten training steps at hyperparameters which it prefers lower the validation loss by 0.0012, but they raised it by 0.0057, of which chance may make 6e-4, and as far the other way they raised it by 0.008 (one check, cosine 0.98 with the hypergradient of training itself).",
  });
  expect(trust([-1.2e-3, 5.7e-3, undefined, 8e-3]).verdict).toBe("too far"); // by the greater rise alone
  expect(trust([-1.2e-3, 5.7e-3, 0.98, 4e-3]).verdict).toBe("too far"); // by the cosine
  expect(trust([-1.2e-3, 5.7e-3, undefined, 4e-3]).verdict).toBe("wrong"); // by nothing
  expect(trust([-1.2e-3, 5.7e-3, -0.98, 20e-3]).verdict).toBe("wrong"); // the cosine is against it
  expect(trust([-1.2e-3, 5.7e-3, 0.98, -4e-3]).verdict).toBe("wrong"); // the loss falls the other way
  expect(trust([-5e-3, -4e-4, 0.3], [-3e-3, -3e-5, -1], [-4e-3, -3e-6, 0.2]).verdict).toBe("wrong");
});

test("a loss that falls by next to nothing, but rises by as little on the other side, makes the prediction too large, not the step too long", () => {
  const told = trust([-0.02, -1e-3, 1, 1e-3]);
  expect(told.verdict).toBe("partly right");
  expect(told.sentence).toContain("since less than half of it came");
  expect(trust([-0.02, -1e-3, 1, 4e-3]).verdict).toBe("too far"); // the bend took three fifths of the slope's fall
});

test("where the loss rises on both sides and could fall by next to nothing, a wrong way leads nobody astray", () => {
  const told = trust([-9.3e-4, 9.2e-4, -1, 7e-4]);
  expect(told.verdict).toBe("unclear");
  expect(told.sentence).toMatch(/^The loss is lowest next to here, which leaves too little to tell whether /);
  expect(trust([-9.3e-4, 9.2e-4, -0.4, 7e-4]).verdict).toBe("wrong"); // training's own way is another
  expect(trust([-9.3e-4, 9.2e-4, undefined, 7e-4]).verdict).toBe("wrong"); // which nobody knows
  expect(trust([-9.3e-4, 9.2e-4, -1, -7e-4]).verdict).toBe("wrong"); // the loss falls the other way
  expect(trust([-9.3e-3, 9.2e-3, -1, 7e-4]).verdict).toBe("wrong"); // and here by enough
});

test("more than twice of what was predicted is right where the slope alone is, since the rest is the loss's bend", () => {
  expect(trust([-0.013, -0.028, 1, 0.01]).verdict).toBe("right");
  expect(trust([-0.013, -0.04, 1, 0.04]).verdict).toBe("partly right");
  expect(trust([-0.013, -0.028, 0.4, 0.01]).verdict).toBe("partly right"); // its direction is off
});

test("a response that predicts nothing is wrong where training changes the loss, and only there", () => {
  const told = trust([0, -0.024], [0, -0.026]);
  expect(told).toMatchObject({ verdict: "wrong", predicted: 0, seen: expect.closeTo(-0.025), cosine: null });
  expect(told.error).toBeLessThan(0.01);
  expect(told.sentence).toMatch(
    /^The response is wrong here: it predicted that ten .* change nothing, but they lowered it by 0\.025, of which chance may make [.0-9]+ \(mean of 2 checks\)\. /,
  );
  expect(trust([0, -2e-5]).verdict).toBe("unclear");
});

test("a check that predicts a rise speaks of the other side", () => {
  const told = trust([1.2e-3, 4e-3, 0.9, 5.7e-3]);
  expect(told).toMatchObject({ verdict: "too far", predicted: -1.2e-3, seen: 5.7e-3 });
  expect(told.sentence).toMatch(/ they raised it by 0\.0057, .* the other way they raised it by 0\.004 /);
});

test.each([
  ["less than half of it came", [-0.012, -0.003], [-0.011, -0.003]],
  ["more than twice as much came", [-0.003, -0.012], [-0.003, -0.011]],
  ["its direction is off", [-0.01, -0.01, 0.2], [-0.01, -0.009, 0.4]],
] satisfies [string, Check, Check][])(
  "a fall of the loss of which %s is right in part",
  (off, first, second) => {
    const { verdict, sentence } = trust(first, second);
    expect(verdict).toBe("partly right");
    expect(sentence).toContain(`only partly right here, since ${off}: it predicted`);
  },
);

test("what scatters, or is no more than noise, cannot be told", () => {
  expect(trust([-2e-3, 1.2e-3], [-2e-3, -4e-3], [-2e-3, -4e-4]).sentence).toMatch(
    / scatters too much to tell /,
  );
  expect(trust([-5e-5, -4e-5]).sentence).toMatch(
    /too small to tell .*, of which chance may make 6e-4 \(one check\)\.$/,
  );
});

test("one strong check outweighs many weak ones", () => {
  const weak = [1, -2, 2, -1].map((seen) => [-2e-4, seen * 1e-3] as const);
  expect(trust([-0.05, -0.043], [-0.02, -0.016], ...weak).verdict).toBe("right");
});

test("without a check nothing is claimed", () => {
  expect(trustOf([])).toMatchObject({ verdict: "unchecked", checks: 0, seen: null });
});

test("a run too short for a check says how many epochs have one", () => {
  // 132 gradients a check, 3 % of the others: one for every 4,400
  const short = (epoch: number, gradientEvaluations: number) =>
    [{ step: 10 * epoch, epoch, gradientEvaluations }] as unknown as TracePoint[]; // of which nothing else is read
  expect(trustOf(short(4, 100)).sentence).toBe(
    "The response was not checked: the run is too short to pay for it; going on to 176 epochs would be enough (hypertrain resume).",
  );
  expect(
    trustOf(short(4, 100), { firstTuning: { steps: 2000, epochs: 200, warmupEpochs: 199 } }).sentence,
  ).toMatch(
    /; `epochs: 352` `warmupEpochs: 199` would be enough\.$/, // the first 4,400 fall into the warm-up
  );
  const timed = short(4, 100).map((point) => ({ ...point, seconds: 2 }));
  expect(trustOf(timed, { ended: "time" }).sentence).toMatch(
    /; going on to some 88 s would be enough \(hypertrain resume\)\.$/,
  );
  expect(
    trustOf(timed, { ended: "time", firstTuning: { steps: 2000, epochs: 200, warmupEpochs: 199 } }).sentence,
  ).toMatch(/; `time: "176s"` `warmupEpochs: 199` would be enough\.$/);
  expect(trustOf(short(4, 100), { lengthTold: true }).sentence).toBe(
    "The response was not checked: the run is too short to pay for it.",
  );
});
