import type { TracePoint } from "../../src/api/trace.ts";
import type { Claim, Claimed, Decide } from "../../src/storage/storage.ts";
import type { NextSegment, TrialRecord } from "../../src/study/next-segment.ts";

/* Trials that tests of storages train. */

/** Starts trials without an end, each to one epoch. */
export const another = (trials: readonly TrialRecord[]): NextSegment => {
  const orphan = trials.find(({ state }) => state === "waiting");
  if (orphan) return { kind: "segment", trial: orphan, changed: [] };
  const number = trials.length;
  const trial = {
    number,
    values: { x: number },
    state: "waiting",
    attempt: 0,
    deaths: 0,
    to: 1,
    curve: [],
  } as const;
  return { kind: "segment", trial, changed: [trial], decision: { kind: "start", to: 1 } };
};

/** The same, and the trial before hears that it counts, as a sampler would tell it. */
export const settling: Decide = (trials) => {
  const next = another(trials);
  const before = trials.at(-1);
  if (next.kind !== "segment" || !before) return next;
  const suggested = { asked: before.number, values: before.values, told: 1 };
  return { ...next, changed: [{ ...before, suggested }, ...next.changed] };
};

export const pointOf = (loss: number): TracePoint => ({
  ...{ step: 10, epoch: 1, examples: 100, gradientEvaluations: 10, seconds: 1 },
  ...{ train: { loss, penalty: 0 }, valid: { loss }, hyperparameters: {} },
});

export const claimOf = (claimed: Claimed): Claim => {
  if (claimed.kind !== "segment") throw new Error(`a segment was expected, not ${claimed.kind}`);
  return claimed.claim;
};
