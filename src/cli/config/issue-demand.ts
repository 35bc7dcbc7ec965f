import type { z } from "zod";

/** What must hold where zod reports an issue, to follow "must": `be a whole number`. */
export const demandOf = (issue: z.core.$ZodIssue): string =>
  (demands[issue.code] as (issue: z.core.$ZodIssue) => string)(issue);

/** One for every kind of issue that zod reports. */
const demands = {
  invalid_type: ({ expected }) => `be ${kindNames[expected] ?? expected}`,
  too_small: ({ origin, inclusive, minimum }) =>
    isSized(origin) ? "not be empty" : `be ${inclusive ? "at least" : "greater than"} ${minimum}`,
  too_big: ({ origin, inclusive, maximum }) =>
    isSized(origin)
      ? `have at most ${maximum} characters`
      : `be ${inclusive ? "at most" : "less than"} ${maximum}`,
  invalid_value: ({ values }) => `be ${values.length > 1 ? "one of " : ""}${values.join(", ")}`,
  invalid_union: ({ errors }) =>
    `be ${errors.flatMap(([first]) => (first ? demandOf(first).replace(/^be /, "") : [])).join(" or ")}`,
  invalid_key: () => "have a name of 1 to 200 characters",
  invalid_element: ({ message }) => `be as described: ${message}`,
  invalid_format: ({ format }) => `be ${format}`,
  not_multiple_of: ({ divisor }) => `be a multiple of ${divisor}`,
  unrecognized_keys: () => "have known fields",
  custom: ({ message }) => `be as described: ${message}`,
} satisfies {
  [C in z.core.$ZodIssue["code"]]: (issue: Extract<z.core.$ZodIssue, { code: C }>) => string;
};

const isSized = (origin: string): boolean => origin === "string" || origin === "array";

/** What people call the kinds of values that zod expects. */
const kindNames: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object with an entry for each name",
};
