import type { z } from "zod";

import { nearest } from "../util/nearest.ts";
import { shown } from "../util/text.ts";
import { fieldNames } from "./fields.ts";
import { networkNames } from "./network-names.ts";
import { kindNames } from "./kind-names.ts";

/**
 * One sentence on what is wrong with a configuration: what must hold, what was received, what to do.
 *
 * @param origin names a field: `--epochs`, or `"epochs" in my.json`
 */
export function sentenceOf(issue: z.core.$ZodIssue, origin: (field: string) => string): string {
  const found = deepest(issue);
  const sentence = (sentences[found.code] as Sentence)(found as never, pathOf(found, origin));
  return sentence.replace(/\s+/g, " ");
}

type Code = z.core.$ZodIssue["code"];
type Sentence<C extends Code = Code> = (
  issue: Extract<z.core.$ZodIssue, { code: C }>,
  subject: string,
) => string;

/** One for every kind of issue that zod reports. */
const sentences = {
  invalid_type: ({ expected, input }, subject) =>
    `${subject} must be ${kindNames[expected] ?? expected}, but got ${show(input)}`,
  too_small: ({ minimum, inclusive, input }, subject) =>
    Array.isArray(input) || typeof input === "string"
      ? `${subject} must not be empty, but got ${show(input)}`
      : `${subject} must be ${inclusive ? "at least" : "greater than"} ${minimum}, but got ${show(input)}`,
  too_big: ({ maximum, inclusive, input }, subject) =>
    typeof input === "string"
      ? `${subject} must be at most ${maximum} characters, but got ${input.length}; shorten it`
      : `${subject} must be ${inclusive ? "at most" : "less than"} ${maximum}, but got ${show(input)}`,
  invalid_format: ({ input }, subject) =>
    subject.includes("model")
      ? `${subject} must be one of ${networkNames.join(", ")}, a FILE.json or a FILE.ts, but got ${show(input)}${suggestion(input, networkNames)}`
      : `${subject} must be a time of more than 0 such as 60s, 10m or 2h, but got ${show(input)}`,
  not_multiple_of: ({ divisor, input }, subject) =>
    `${subject} must be a multiple of ${divisor}, but got ${show(input)}`,
  invalid_value: ({ values, input }, subject) =>
    `${subject} must be one of ${values.join(", ")}, but got ${show(input)}${suggestion(input, values.map(String))}`,
  unrecognized_keys: ({ keys: [key = ""], path }, subject) => {
    const known = path.length === 0 ? fieldNames : hyperOptions;
    const hint = nearest(key, known) || `; known are ${known.join(", ")}`;
    return path.length === 0
      ? `every field of a config must be a known one, but got "${shown(key)}"${hint}`
      : `every option of ${subject} must be a known one, but got "${shown(key)}"${hint}`;
  },
  invalid_union: ({ input }, subject) =>
    `${subject} must be ${subject.includes("time") ? "a time such as 60s, 10m or 2h, or seconds" : "a number, or an object with a start"}, but got ${show(input)}`,
  invalid_key: (_, subject) => `${subject} must have a name, but got an empty one`,
  invalid_element: ({ input }, subject) => `${subject} has a wrong element: ${show(input)}`,
  custom: ({ message, input }, subject) => `${subject} ${message}, but got ${show(input)}`,
} satisfies { [C in Code]: Sentence<C> };

const hyperOptions = ["start", "low", "high", "log", "discrete", "scale", "tuneScale", "perturb"];

/** Of a value that fits none of several forms, what is wrong with it as the form that it seems to be meant as. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const branch =
    issue.errors.find(
      ([first]) => first && first.code !== "invalid_type" && first.code !== "invalid_format",
    ) ?? issue.errors.find(([first]) => first && first.path.length > 0);
  const [inner] = branch ?? [];
  return inner ? deepest({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

function pathOf({ path }: z.core.$ZodIssue, origin: (field: string) => string): string {
  const [field, ...rest] = path;
  if (field === undefined) return "a config";
  const subject = origin(shown(String(field)));
  return rest.length === 0
    ? subject
    : `${rest
        .toReversed()
        .map((key) => (typeof key === "number" ? `entry ${key + 1}` : `"${shown(String(key))}"`))
        .join(" of ")} of ${subject}`;
}

const suggestion = (input: unknown, known: readonly string[]): string =>
  typeof input === "string" ? nearest(input, known) : "";

const show = (input: unknown): string => shown(JSON.stringify(input) ?? "nothing");
