import { expect, test } from "vitest";

import { changesOf, type JobParts } from "./origin.ts";

const origin: JobParts = {
  ...{ data: "0a", network: "1b", versions: { hypertrain: "1.0.0" } },
  answers: { outputs: [0.5, 0.25] },
};
const changes = (here: Partial<JobParts>) =>
  changesOf(origin, { ...origin, ...here }, { config: { model: "own.ts" } });

test("what a module answers is the same but for what engines round, and where one of both does not say it", () => {
  expect(changes({ answers: { outputs: [0.50001, 0.25] } })).toEqual([]);
  const { answers: _, ...silent } = origin;
  expect(changesOf(origin, silent, { config: {} })).toEqual([]);
  expect(changes({ answers: { outputs: [0.6, 0.25] } })).toEqual(["what own.ts imports"]);
});

test("a file that has changed is named by itself, whatever it answers", () => {
  expect(changes({ network: "2c", answers: { outputs: [0.6, 0.25] } })).toEqual(["own.ts"]);
});
