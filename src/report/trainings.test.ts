import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { begunIn, failedSentence, lostIn, trainingsSection } from "./trainings.ts";

/** A point of a training of a search. */
const point = (number: number, epoch: number, values: Record<string, number> = {}): TracePoint => {
  const hyperparameters = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { value }]),
  );
  return { trial: { number, epoch }, valid: { loss: 1 }, hyperparameters } as unknown as TracePoint;
};

const numbered = (...numbers: number[]) => numbers.map((number) => ({ number }));

test("trainings that failed are counted and named, and found in a trace that has no point of them", () => {
  const trace = [point(0, 0), point(1, 1), point(3, 1), point(4, 1)];
  expect([begunIn(trace), lostIn(trace)]).toEqual([5, numbered(0, 2)]); // 0 was not finite after its start
  expect(failedSentence(trace, numbered(0, 2))).toBe("2 of 5 trainings diverged (trainings 0, 2).");
  expect(failedSentence(trace, numbered(6))).toBe("1 of 7 trainings diverged (training 6).");
  expect(lostIn([point(0, 0)])).toEqual([]); // under way
  const many = [point(0, 1), point(20, 1)];
  expect(failedSentence(many, lostIn(many))).toMatch(
    /^19 of 21 trainings diverged \(trainings 1, 2, .*, 8 and 11 more\): narrow the ranges of the hyperparameters \(`hyper`\)\.$/,
  );
  expect(String(trainingsSection(trace, undefined, { trainings: 5, failed: 2 }))).toMatch(
    /each at its lowest validation\s+loss; 2 of all 5 diverged\. All/,
  );
});

test("a hyperparameter is named where it tells the trainings that failed from the others, the learning rate first", () => {
  const trace = [point(0, 1, { lr: 0.1, l2: 1 }), point(1, 1, { lr: 0.3, l2: 3 })];
  const failed = (...of: Record<string, number>[]) => of.map((values, i) => ({ number: 2 + i, values }));
  expect(failedSentence(trace, failed({ lr: 61.43, l2: 4 }, { lr: 900, l2: 5 }))).toBe(
    "2 of 4 trainings diverged (trainings 2, 3), all with lr of 61.43 or more: narrow its range (`hyper`).",
  );
  expect(failedSentence(trace, failed({ lr: 1e4, l2: 2 }))).toMatch(
    /^1 of 3 trainings diverged \(training 2\), with lr of 10000 or more: /,
  );
  expect(failedSentence(trace, failed({ lr: 0.2, l2: 4 }))).not.toMatch(/with/); // l2 may tell it by chance
  expect(failedSentence(trace, failed({ lr: 0.01, l2: 2 }))).not.toMatch(/with/);
  const three = [...trace, point(5, 1, { lr: 0.2, l2: 2 })];
  const low = failed({ lr: 0.2, l2: 0.1 }, { lr: 0.1, l2: 0.2 }, { lr: 0.3, l2: 0.3 });
  expect(failedSentence(three, low)).toMatch(/, all with l2 of 0\.3 or less: /);
});

test("nothing is said of trainings that all have losses, of one under way and of a run that is no search", () => {
  for (const trace of [[point(0, 0)], [point(0, 0), point(0, 1), point(1, 1)], []])
    expect(failedSentence(trace, lostIn(trace))).toBeUndefined();
  const { trial: _, ...alone } = point(0, 1);
  expect(failedSentence([alone], lostIn([alone]))).toBeUndefined();
  expect(begunIn([alone])).toBe(0);
});
