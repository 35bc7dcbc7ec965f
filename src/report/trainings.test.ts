import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { begunIn, lostIn, lostSentence, trainingsSection } from "./trainings.ts";

/** A point of a training of a search. */
const point = (number: number, epoch: number): TracePoint =>
  ({ trial: { number, epoch }, valid: { loss: 1 }, hyperparameters: {} }) as unknown as TracePoint;

test("trainings that came to no finite loss are counted and named", () => {
  const trace = [point(0, 0), point(1, 1), point(3, 1), point(4, 1)];
  expect([begunIn(trace), lostIn(trace)]).toEqual([5, [0, 2]]); // 0 was not finite after its start
  expect(lostSentence(trace)).toBe(
    "Of 5 trainings 2 came to no finite loss: trainings 0, 2. What is told of the search leaves them out.",
  );
  expect(lostSentence(trace, 7)).toMatch(/^Of 7 trainings 4 came to no finite loss: trainings 0, 2, 5, 6\./); // of which it has no point
  expect(lostIn([point(0, 0)], 1)).toEqual([]); // under way
  const many = [point(0, 1), point(20, 1)];
  expect(lostSentence(many)).toMatch(
    /^Of 21 trainings 19 came to no finite loss: trainings 1, 2, .*, 8 and 11 more\./,
  );
  expect(String(trainingsSection([point(0, 1), point(2, 1)]))).toMatch(
    /of 2, each at its lowest validation\s+loss, and 1 more that came to no finite loss/,
  );
});

test("nothing is said of trainings that all have losses, of one under way and of a run that is no search", () => {
  expect(
    [[point(0, 0)], [point(0, 0), point(0, 1), point(1, 1)], []].map((trace) => lostSentence(trace)),
  ).toEqual(Array(3).fill(undefined));
  const { trial: _, ...alone } = point(0, 1);
  expect(lostSentence([alone])).toBeUndefined();
  expect(begunIn([alone])).toBe(0);
});
