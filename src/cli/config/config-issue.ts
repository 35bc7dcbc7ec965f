import type { z } from "zod";

import { nearest } from "../../util/nearest.ts";
import { oneLine } from "../../util/text.ts";
import { fieldNames } from "./fields.ts";
import { networkNames } from "../networks/network-names.ts";
import { demandOf } from "./issue-demand.ts";

/**
 * One sentence on what is wrong with a configuration: what must hold, what was received, what to do.
 *
 * @param origin names a field: `--epochs`, or `"epochs" in my.json`
 */
export function sentenceOf(issue: z.core.$ZodIssue, origin: (field: string) => string): string {
  const found = deepest(issue);
  const subject = pathOf(found, origin);
  const own = (sentences as Partial<Record<Code, Sentence>>)[found.code];
  const sentence =
    own?.(found, subject) ?? `${subject} must ${demandOf(found)}, but got ${show(found.input)}`;
  return sentence.replace(/\s+/g, " ");
}

type Code = z.core.$ZodIssue["code"];
type Sentence<C extends Code = Code> = (
  issue: Extract<z.core.$ZodIssue, { code: C }>,
  subject: string,
) => string;

/** Of kinds of issues on which there is more to say than what must hold and what was received. */
const sentences = {
  too_big: (issue, subject) =>
    `${subject} must ${demandOf(issue)}, but got ${typeof issue.input === "string" ? `${issue.input.length}; shorten it` : show(issue.input)}`,
  invalid_format: ({ input }, subject) =>
    subject.includes("model")
      ? `${subject} must be one of ${networkNames.join(", ")}, a FILE.json or a FILE.ts, but got ${show(input)}${suggestion(input, networkNames)}`
      : `${subject} must be a time of more than 0 such as 60s, 10m or 2h, but got ${show(input)}`,
  invalid_value: (issue, subject) =>
    `${subject} must ${demandOf(issue)}, but got ${show(issue.input)}${suggestion(issue.input, issue.values.map(String))}`,
  unrecognized_keys: ({ keys: [key = ""], path }, subject) => {
    const known = path.length === 0 ? fieldNames : hyperOptions;
    const hint = nearest(key, known) || `; known are ${known.join(", ")}`;
    return path.length === 0
      ? `every field of a config must be a known one, but got "${oneLine(key)}"${hint}`
      : `every option of ${subject} must be a known one, but got "${oneLine(key)}"${hint}`;
  },
  invalid_union: ({ input }, subject) => `${subject} must be ${unionOf(subject)}, but got ${show(input)}`,
  invalid_key: (_, subject) => `${subject} must have a name, but got an empty one`,
  custom: ({ message, input }, subject) => `${subject} ${message}, but got ${show(input)}`,
} satisfies { [C in Code]?: Sentence<C> };

/** What a field of several forms may be. */
function unionOf(subject: string): string {
  if (subject.includes("time")) return "a time such as 60s, 10m or 2h, or seconds";
  if (/image-?size/i.test(subject)) return 'a whole number of pixels above 0, or "own"';
  return "a number, or an object with a start";
}

const hyperOptions = ["start", "low", "high", "log", "discrete", "scale", "tuneScale", "perturb"];

/** Of a value that fits none of several forms, what is wrong with it as the form that it seems to be meant as. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const branch =
    issue.errors.find(
      ([first]) => first && !["invalid_type", "invalid_format", "invalid_value"].includes(first.code),
    ) ?? issue.errors.find(([first]) => first && first.path.length > 0);
  const [inner] = branch ?? [];
  return inner ? deepest({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

function pathOf({ path }: z.core.$ZodIssue, origin: (field: string) => string): string {
  const [field, ...rest] = path;
  if (field === undefined) return "a config";
  const subject = origin(oneLine(String(field)));
  return rest.length === 0
    ? subject
    : `${rest
        .toReversed()
        .map((key) => (typeof key === "number" ? `entry ${key + 1}` : `"${oneLine(String(key))}"`))
        .join(" of ")} of ${subject}`;
}

const suggestion = (input: unknown, known: readonly string[]): string =>
  typeof input === "string" ? nearest(input, known) : "";

const show = (input: unknown): string => oneLine(JSON.stringify(input) ?? "nothing");
