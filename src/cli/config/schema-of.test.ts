import { expect, test } from "vitest";

import {
  count,
  flag,
  integer,
  limit,
  listOf,
  number,
  oneOf,
  orInfinity,
  share,
  text,
} from "../../util/rule.ts";
import { schemaOf, type PlainRule } from "./schema-of.ts";

const rules: Readonly<Record<string, PlainRule>> = {
  ...{ count, flag, limit, share, text, name: oneOf("a", "b"), seed: integer(0), few: integer(2, 3) },
  ...{
    above: number({ above: 0.5 }),
    most: number({ most: 1 }),
    number: number(),
    patience: orInfinity(count),
  },
  ...{ texts: listOf(text), widths: listOf(count, 1) },
};

const values = [null, true, "", "a", "c", -1, 0, 0.5, 1, 2, 3.5, 4, 2 ** 53, NaN, {}, [], ["a"], [1], [0.5]];

test.each(Object.entries(rules))("the schema of the rule %s takes what the rule does", (_, rule) => {
  const taken = values.filter((value) => schemaOf(rule).safeParse(value).success);
  expect(taken).toEqual(values.filter((value) => rule.holds(value)));
});

test("no schema takes Infinity, which JSON does not have", () => {
  expect(schemaOf(limit).safeParse(Infinity).success).toBe(false);
});
