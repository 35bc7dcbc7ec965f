import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { mlp } from "../../src/nn/mlp.ts";
import { effectOf, effects, hyperNames } from "../../src/problem/effects.ts";

test("every effect has a row in its page, and names of its own", () => {
  const page = readFileSync(new URL("../../docs/effects.md", import.meta.url), "utf8");
  for (const { name } of effects) expect(page).toMatch(new RegExp(`^\\| \`${name}\` +\\|`, "m"));
  expect(new Set(effects.map(({ name }) => name)).size).toBe(effects.length);
});

test("every name that a network understands is that of an effect", () => {
  const names = hyperNames(mlp({ inputs: 2, hidden: [3, 3], outputs: 2 }));
  expect(names.filter((name) => effectOf(name) === undefined)).toEqual([]);
});
