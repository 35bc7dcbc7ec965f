import { z } from "zod";

import type { Storage } from "../../storage/storage.ts";
import { Refusal, type Route, type RouteRequest } from "../http/server.ts";
import { parsed } from "../serve/schemas.ts";
import {
  annotate,
  deleteStudy,
  enqueueValues,
  failTrial,
  retryTrial,
  stopStudy,
} from "../study/study-acts.ts";

/** What a dashboard's buttons do. Each answers what came of it: `{ said }`. A body must be JSON, which forms of other pages can't send. */
export function actRoutes(storage: Storage): readonly Route[] {
  return [
    act(STUDY, "stop", nothing, (_, { study }) => stopStudy(storage, study)),
    act(STUDY, "delete", confirmed, ({ name }, { study }) => {
      if (name === study) return deleteStudy(storage, study);
      throw new Refusal(400, "a study that is deleted must be named twice, as its path and as `name`");
    }),
    act(STUDY, "enqueue", z.strictObject({ values: z.array(z.string()).min(1) }), ({ values }, { study }) =>
      enqueueValues(storage, study, values),
    ),
    act(STUDY, "note", note, ({ text }, { study }) => annotate(storage, study, undefined, text)),
    act(TRIAL, "note", note, ({ text }, { study, trial }) => annotate(storage, study, trial, text)),
    act(TRIAL, "fail", nothing, (_, { study, trial }) => failTrial(storage, study, trial)),
    act(TRIAL, "retry", nothing, (_, { study, trial }) => retryTrial(storage, study, trial)),
  ];
}

const STUDY = "/api/studies/:study";
const TRIAL = `${STUDY}/trials/:trial`;

const nothing = z.strictObject({});
const note = z.strictObject({ text: z.string() });
const confirmed = z.strictObject({ name: z.string() });

function act<B>(
  path: string,
  name: string,
  body: z.ZodType<B>,
  of: (told: B, at: { readonly study: string; readonly trial: number }) => Promise<string>,
): Route {
  return {
    ...{ method: "POST", path: `${path}/${name}` },
    async answer(asked: RouteRequest) {
      const { study = "", trial = "" } = asked.params;
      const number = /^\d{1,9}$/.test(trial) ? Number(trial) : -1; // which no study has
      const said = await of(parsed(body, await asked.json()), { study, trial: number });
      return { kind: "json", value: { said } };
    },
  };
}
