import { z } from "zod";

import type {
  EndlessRule,
  FlagRule,
  IntegerRule,
  ListRule,
  NameRule,
  NumberRule,
  TextRule,
  ValueRule,
} from "../../util/rule.ts";

type ScalarRule = NumberRule | IntegerRule | NameRule | FlagRule | TextRule;

/** A rule of the library that a configuration can have, too: of values that are the same in JSON. */
export type PlainRule =
  ScalarRule | ListRule<NumberRule | IntegerRule | TextRule> | EndlessRule<NumberRule | IntegerRule>;

type ValueOf<R> = R extends ValueRule<infer T> ? T : never;

/** The schema of a field that is an option of the library: the option's rule says its bounds for both. Of Infinity nothing is left, which JSON does not have. */
export const schemaOf = <R extends PlainRule>(rule: R): z.ZodType<ValueOf<R>, ValueOf<R>> =>
  (schemas[rule.kind] as (rule: PlainRule) => z.ZodType)(rule) as z.ZodType<ValueOf<R>, ValueOf<R>>; // the entry of its kind

const schemas = {
  name: ({ names }) => z.enum(names),
  flag: () => z.boolean(),
  text: () => z.string().min(1),
  integer({ least, most }) {
    const schema = least === 1 ? z.int().positive() : z.int().gte(least);
    return most === undefined ? schema : schema.lte(most);
  },
  number({ above, least, below, most }) {
    const checks = [
      ...(above === undefined ? [] : [z.gt(above)]),
      ...(least === undefined ? [] : [z.gte(least)]),
      ...(below === undefined ? [] : [z.lt(below)]),
      ...(most === undefined ? [] : [z.lte(most)]),
    ];
    return z.number().check(...checks);
  },
  list({ each, least }) {
    const schema = z.array(schemaOf(each));
    return least === 0 ? schema : schema.min(least);
  },
  endless: ({ finite }) => schemaOf(finite),
} satisfies { [K in PlainRule["kind"]]: (rule: Extract<PlainRule, { kind: K }>) => z.ZodType };
