import { expect, test } from "vitest";

import { isAsked, isCompared, readStudyConfig } from "./study-config.ts";

const any = { trials: 3, space: {} };
const kinds = {
  search: { ...any, config: { seed: 1 }, origin: {} },
  asked: { ...any, asked: { method: "tpe", seed: 0, budget: 1 } },
  comparison: { ...any, compared: { config: {}, seconds: 1, pairs: [] }, origin: {} },
};

test("what a study is stored with is read as it is, of each kind", () => {
  const read = Object.values(kinds).map((config) => readStudyConfig({ name: "s", config }));
  expect(read).toEqual(Object.values(kinds));
  expect(read.map((config) => [isAsked(config), isCompared(config)])).toEqual([
    [false, false],
    [true, false],
    [false, true],
  ]);
});

test("what lacks a part is refused in a sentence, and so is what is none", () => {
  const lacking = Object.values(kinds).flatMap((config) =>
    Object.keys(config).map((part) =>
      Object.fromEntries(Object.entries(config).filter(([name]) => name !== part)),
    ),
  );
  const odd = [
    ...[undefined, null, 3, "trials", [], { ...kinds.search, trials: "3" }, { ...kinds.asked, asked: null }],
    { ...kinds.comparison, compared: { config: {} } },
  ];
  for (const config of [...lacking, ...odd]) {
    expect(() => readStudyConfig({ name: "mine", config })).toThrow(
      /^the study "mine" must be stored as a search.*; use the version of hypertrain that began it/,
    );
  }
});
