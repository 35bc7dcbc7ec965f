import { randomUUID } from "node:crypto";

import { z } from "zod";

import { oneLine } from "../../util/text.ts";
import type { Claim, StudyReadings } from "../../storage/storage.ts";
import { Refusal, type RouteRequest, type Route } from "../http/server.ts";
import { bodies, parsed, replies } from "./schemas.ts";
import type { StudyDesk } from "./study-desk.ts";

/** A route that says of itself what it is told and what it answers. */
export interface DescribedRoute extends Route {
  readonly summary: string;
  readonly body?: z.ZodType;
  readonly reply?: z.ZodType;
  /** Which of both is bytes. */
  readonly binary?: "body" | "reply";
  /** What stands behind the path, such as `?attempt=1`, and whether it must. */
  readonly query?: Readonly<Record<string, boolean>>;
}

/** All that programs can ask of a store. */
export function studyRoutes(desk: StudyDesk, storage: StudyReadings): readonly DescribedRoute[] {
  const routes = [...ofStudies(desk), ...ofTrials(desk), ...ofBytes(desk), eventsRoute(storage)];
  const document: DescribedRoute = {
    ...{ method: "GET", path: "/openapi.json", summary: "This document", open: true },
    answer: () => ({ kind: "json", value: openApiOf([...routes, document]) }),
  };
  return [...routes, document];
}

/** What is asked of whole studies. */
const ofStudies = (desk: StudyDesk): readonly DescribedRoute[] => [
  route(
    "POST",
    "/v1/studies",
    "Create a study, or find the one of the same name",
    bodies.study,
    replies.created,
    async (body) => ({ ...(await desk.create(body)), session: randomUUID() }), // to name questions by
  ),
  route("GET", "/v1/studies", "List the studies", bodies.nothing, replies.list, async () => ({
    studies: await desk.list(),
  })),
  route(
    "GET",
    "/v1/studies/:study",
    "Show a study with its trials",
    bodies.nothing,
    replies.study,
    (_, asked) => desk.show(studyOf(asked)),
  ),
  route(
    "POST",
    "/v1/studies/:study/stop",
    "Let a study end",
    bodies.nothing,
    replies.done,
    async (_, asked) => {
      await desk.stop(studyOf(asked));
      return { done: true };
    },
  ),
  route(
    "POST",
    "/v1/studies/:study/enqueue",
    "Let a trial to come try values",
    bodies.enqueue,
    replies.done,
    async ({ values }, asked) => {
      await desk.enqueue(studyOf(asked), values);
      return { done: true };
    },
  ),
  route(
    "POST",
    "/v1/studies/:study/ask",
    "Ask for a trial to train",
    bodies.ask,
    replies.asked,
    (body, asked) => desk.ask(studyOf(asked), body),
  ),
];

const TRIAL = "/v1/studies/:study/trials/:trial";

/** What the one who trains a trial says of it. */
const ofTrials = (desk: StudyDesk): readonly DescribedRoute[] => [
  route(
    "PUT",
    `${TRIAL}/heartbeat`,
    "Say that the trial is still worked on",
    bodies.attempt,
    replies.held,
    async (held, asked) => {
      await desk.heartbeat(claimOf(asked, held));
      return { held: true };
    },
  ),
  route(
    "POST",
    `${TRIAL}/points`,
    "Report a loss on the way",
    bodies.point,
    replies.decision,
    async ({ attempt, room, ...point }, asked) => ({
      decision: (await desk.report(claimOf(asked, { attempt, room }), point)) ? "go on" : "tell",
    }),
  ),
  route(
    "POST",
    `${TRIAL}/tell`,
    "Tell how the trial ended; the same once more changes nothing",
    bodies.tell,
    replies.told,
    async ({ attempt, room, ...end }, asked) => {
      await desk.tell(claimOf(asked, { attempt, room }), end);
      return { told: true };
    },
  ),
];

/** Bytes, there and back. */
const ofBytes = (desk: StudyDesk): readonly DescribedRoute[] => [
  {
    ...{ method: "PUT", path: `${TRIAL}/checkpoint`, summary: "Keep bytes to go on from" },
    ...{ reply: replies.held, binary: "body", query: { attempt: true, room: false } },
    async answer(asked) {
      await desk.keep(
        claimOf(asked, { attempt: attemptOf(asked), room: roomOf(asked) }),
        await asked.bytes(),
      );
      return { kind: "json", value: { held: true } };
    },
  },
  {
    ...{ method: "GET", path: `${TRIAL}/checkpoint`, summary: "The bytes that the trial goes on from" },
    ...{ binary: "reply", query: { room: false } },
    answer: async (asked) => ({
      ...{ kind: "bytes", type: "application/octet-stream" },
      value: await desk.checkpoint({ study: studyOf(asked), room: roomOf(asked), trial: trialOf(asked) }),
    }),
  },
  {
    ...{ method: "GET", path: "/v1/artifacts/:sha", summary: "The bytes of a digest that a study shows" },
    binary: "reply",
    async answer(asked) {
      const sha = shaOf(asked);
      const type = "application/octet-stream";
      return { kind: "bytes", type, value: await desk.artifact(sha), digest: sha };
    },
  },
];

/** How a study goes on. */
const eventsRoute = (storage: StudyReadings): DescribedRoute => ({
  ...{ method: "GET", path: "/v1/studies/:study/events", summary: "Its revisions as server-sent events" },
  async answer(asked) {
    const study = studyOf(asked);
    if (!(await storage.find(study))) throw new Refusal(404, `there is no study "${oneLine(study)}"`);
    return { kind: "events", value: revisions(storage, study, asked.signal) };
  },
});

function route<B>(
  method: Route["method"],
  path: string,
  summary: string,
  body: z.ZodType<B>,
  reply: z.ZodType,
  answer: (body: B, asked: RouteRequest) => Promise<object>,
): DescribedRoute {
  return {
    ...{ method, path, summary, reply, ...(method !== "GET" && { body }) },
    answer: async (asked) => ({
      kind: "json",
      value: await answer(parsed(body, method === "GET" ? {} : await asked.json()), asked),
    }),
  };
}

const studyOf = ({ params }: RouteRequest): string => params["study"] as string; // the paths have it

function trialOf({ params }: RouteRequest): number {
  const text = params["trial"] as string; // the paths have it
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Refusal(404, "a trial must be named by its number");
}

function shaOf({ params }: RouteRequest): string {
  const text = params["sha"] as string; // the path has it
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new Refusal(
    400,
    `bytes must be named by their SHA-256 in 64 small hexadecimal digits, but got "${oneLine(text)}"; take one that a study shows`,
  );
}

function attemptOf({ query }: RouteRequest): number {
  const text = query.get("attempt") ?? "";
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Refusal(
    400,
    `attempt must be that of the answer to ask, as ?attempt=1, but got "${oneLine(text)}"`,
  );
}

/** The study that gave the trial; undefined for whichever has its name. */
const roomOf = ({ query }: RouteRequest): string | undefined => query.get("room") ?? undefined;

const claimOf = (asked: RouteRequest, held: Pick<Claim, "attempt" | "room">): Claim => ({
  study: studyOf(asked),
  trial: trialOf(asked),
  ...held,
});

async function* revisions(
  storage: StudyReadings,
  study: string,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  let before = "";
  while (!signal.aborted) {
    const found = await storage.find(study);
    if (!found) return;
    const { revision, state } = found;
    if (`${revision}/${state}` !== before) yield { revision, state };
    before = `${revision}/${state}`;
    await storage.changed("anything", signal);
  }
}

/** The parameters that are whole numbers. */
const whole: ReadonlySet<string> = new Set(["trial", "attempt"]);

/** Content of any bytes, as OpenAPI 3.1 tells of it. */
const BYTES = { "application/octet-stream": {} };

/** The routes as an OpenAPI 3.1 document. */
export function openApiOf(routes: readonly DescribedRoute[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, path, summary, body, reply, binary, query = {} } of routes) {
    const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
    (paths[path.replaceAll(/:(\w+)/g, "{$1}")] ??= {})[method.toLowerCase()] = {
      summary,
      parameters: [
        ...names.map((name) => ({ name, in: "path", required: true })),
        ...Object.entries(query).map(([name, required]) => ({ name, in: "query", required })),
      ].map((parameter) => ({
        ...parameter,
        schema: { type: whole.has(parameter.name) ? "integer" : "string" },
      })),
      ...(binary === "body" && { requestBody: { required: true, content: BYTES } }),
      ...(body && {
        requestBody: { required: true, content: { "application/json": { schema: schemaOf(body) } } },
      }),
      responses: {
        200: {
          description: "done",
          ...(binary === "reply" && { content: BYTES }),
          ...(reply && { content: { "application/json": { schema: schemaOf(reply) } } }),
        },
        default: { description: "refused: the reason is `error`" },
      },
    };
  }
  return { openapi: "3.1.0", info: { title: "hypertrain serve", version: "1" }, paths };
}

function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12" });
  return rest;
}
