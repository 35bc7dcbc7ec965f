import { z } from "zod";

import type { HyperSpec, StudySpec } from "../../api/protocol.ts";
import { oneLine } from "../../util/text.ts";
import { ownMeasures } from "../study/hyper-labels.ts";
import { Refusal } from "../http/server.ts";
import { demandOf } from "../config/issue-demand.ts";

const name = z.string().min(1).max(200);
const hyper = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("real"), low: z.number(), high: z.number(), log: z.boolean().optional() }),
  z.strictObject({ kind: z.literal("integer"), low: z.int(), high: z.int(), log: z.boolean().optional() }),
  z.strictObject({
    kind: z.literal("choice"),
    options: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
  }),
]) satisfies z.ZodType<HyperSpec>;
const value = z.union([z.number(), z.string(), z.boolean(), z.array(z.number())]);
const values = byName(value);
const attempt = z.int().min(1);
const room = z.string().min(1).max(200).optional();
const measures = byName(z.number())
  .refine(
    (told) => !Object.keys(told).some((own) => ownMeasures.has(own)),
    `no measure may be called ${[...ownMeasures].join(", ")}, which every study has of its own`,
  )
  .optional();

/** Entries by name; a record alone would leave `__proto__` out without a word. */
function byName<T extends z.ZodType>(entry: T) {
  return z.preprocess(
    (input, context) => {
      const odd = Object.keys(Object(input)).find((key) => key in Object.prototype);
      if (odd !== undefined) context.addIssue(`"${odd}" is a name that every object has; rename it`);
      return input;
    },
    z.record(name, entry),
  );
}

/** What each route is told. */
export const bodies = {
  study: z.strictObject({
    name,
    space: byName(hyper),
    method: z.string().optional(),
    trials: z.int().min(1).max(1e6).optional(),
    budget: z.number().min(1e-6).max(1e9).optional(),
    seed: z.int().min(0).optional(),
    objectives: byName(z.enum(["minimize", "maximize"])).optional(),
    bounds: byName(z.strictObject({ least: z.number().optional(), most: z.number().optional() })).optional(),
  }) satisfies z.ZodType<StudySpec>,
  enqueue: z.strictObject({ values }),
  ask: z.strictObject({
    worker: z.string().max(200).optional(),
    lease: z.number().min(1).max(86_400).optional(),
    request: z.string().min(1).max(100).optional(),
  }),
  attempt: z.strictObject({ attempt, room }),
  point: z.strictObject({
    ...{ attempt, room },
    budget: z.number().positive(),
    loss: z.number(),
    seconds: z.number().min(0).optional(),
    measures,
  }),
  tell: z
    .strictObject({
      ...{ attempt, room },
      loss: z.number().optional(),
      measures,
      failed: z.string().optional(),
      handBack: z.boolean().optional(),
    })
    .refine(
      ({ loss, failed, handBack }) =>
        [loss !== undefined, failed !== undefined, handBack].filter(Boolean).length <= 1,
      "of loss, failed and handBack only one may be told",
    )
    .refine(
      ({ measures, failed, handBack }) => measures === undefined || (failed === undefined && !handBack),
      "measures must be told with a loss, or for the one that was reported, not with failed or handBack, where nothing would keep them; report them with a loss before",
    ),
  nothing: z.strictObject({}),
};

const trial = z.object({
  ...{ number: z.int(), state: z.string(), values, best: z.number().nullable(), attempt: z.int() },
  measures: z.record(z.string(), z.number()).optional(),
  beyond: z.literal(true).optional(),
  checkpoint: z.string().optional(),
  reason: z.string().optional(),
});
const study = z.object({
  ...{ name, state: z.string(), best: z.int().nullable(), front: z.array(z.int()) },
  model: z.object({ trial: z.int(), sha: z.string() }).optional(),
  trials: z.array(trial),
});

/** What each route answers. */
export const replies = {
  created: z.object({ name, created: z.boolean(), session: z.string() }),
  list: z.object({ studies: z.array(z.object({ name, state: z.string(), best: z.number().nullable() })) }),
  study,
  asked: z.discriminatedUnion("kind", [
    z.object({
      ...{ kind: z.literal("trial"), trial: z.int(), attempt, values, from: z.number(), to: z.number() },
      ...{ room: z.string(), lease: z.number(), checkpoint: z.boolean() },
    }),
    z.object({ kind: z.literal("wait") }),
    z.object({ kind: z.literal("done") }),
  ]),
  held: z.object({ held: z.literal(true) }),
  decision: z.object({ decision: z.enum(["go on", "tell"]) }),
  told: z.object({ told: z.literal(true) }),
  done: z.object({ done: z.literal(true) }),
};

/** A body as its schema demands. @throws {Refusal} 400, in one sentence. */
export function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const { data, error } = schema.safeParse(body, { reportInput: true });
  if (!error) return data;
  const [issue] = error.issues as [z.core.$ZodIssue, ...z.core.$ZodIssue[]]; // a failure has at least one
  throw new Refusal(400, oneLine(`${sentenceOf(issue)}; see /openapi.json`, 300));
}

/** What must hold, and what was received. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  const place = issue.path.map(String).join(".") || "the body";
  if (issue.code === "custom") return `${place}: ${issue.message}`;
  if (issue.code === "unrecognized_keys")
    return `every field of ${place} must be a known one, but got "${issue.keys[0]}"`;
  const demand =
    issue.code === "invalid_union" && issue.discriminator !== undefined
      ? `be one of ${hyper.options.map(({ shape }) => shape.kind.value).join(", ")}`
      : demandOf(issue);
  return `${place} must ${demand}, but got ${oneLine(JSON.stringify(inputOf(issue)) ?? "nothing")}`;
}

/** What was received; where its kind is no known one, the kind alone. */
const inputOf = (issue: z.core.$ZodIssue): unknown =>
  issue.code === "invalid_union" && issue.discriminator !== undefined
    ? (issue.input as Readonly<Record<string, unknown>>)[issue.discriminator]
    : issue.input;
