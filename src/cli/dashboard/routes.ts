import { setTimeout as sleep } from "node:timers/promises";

import type { PageAssets } from "../../report/page.ts";
import { Refusal, type RouteRequest, type Route } from "../http/server.ts";
import type { ComparisonSource } from "./comparison-source.ts";
import type { RunSource } from "./run-source.ts";
import { icon, servedPage } from "./served-page.ts";
import type { StudySource } from "./study-source.ts";

/** Milliseconds between two looks for what has changed. */
const PAUSE = 400;

/** The least, where the store tells of changes. */
const LEAST_PAUSE = 50;

/** What a dashboard shows. */
export interface DashboardSources {
  readonly runs: RunSource;
  readonly comparisons: ComparisonSource;
  /** Absent without a store. */
  readonly studies?: StudySource;
}

/** The page and what it reads; what it changes is apart, in {@link actRoutes}. */
export function dashboardRoutes(sources: DashboardSources, assets: PageAssets): readonly Route[] {
  const { runs, studies, comparisons } = sources;
  const get = (path: string, answer: Route["answer"], open = false): Route => ({
    method: "GET",
    path,
    answer,
    open,
  });
  const text = (type: string, value: string) => () =>
    ({ kind: "bytes", type: `${type}; charset=utf-8`, value }) as const;
  const overview = async () => ({
    studies: (await studies?.list()) ?? [],
    runs: await runs.list(),
    comparisons: await comparisons.list(),
  });
  const json =
    (of: (asked: RouteRequest) => Promise<unknown>): Route["answer"] =>
    async (asked) => ({
      kind: "json",
      value: await of(asked),
    });
  return [
    get("/", text("text/html", servedPage("hypertrain")), true),
    get("/icon.svg", text("image/svg+xml", icon), true),
    get("/main.js", text("text/javascript", assets.script), true),
    get("/main.css", text("text/css", assets.style), true),
    get("/api/overview", json(overview)),
    get(
      "/api/runs/:run",
      json(({ params }) => runs.run(params["run"] as string)),
    ),
    get(
      "/api/comparisons/:comparison",
      json(({ params }) => comparisons.comparison(params["comparison"] as string)),
    ),
    get("/api/events", ({ signal }) => ({ kind: "events", value: changes(sources, signal) })),
    ...(studies
      ? [
          get("/api/studies/:study/table", async ({ params, query }) => ({
            kind: "bytes",
            type: "application/octet-stream",
            value: await studies.table(params["study"] as string, {
              version: Number(query.get("after") ?? 0),
              count: query.get("count") ?? "",
              rows: Number(query.get("rows") ?? 0),
            }),
          })),
          get(
            "/api/studies/:study/importances",
            json(({ params }) => studies.importances(params["study"] as string)),
          ),
          get(
            "/api/studies/:study/curves",
            json(({ params }) => studies.curves(params["study"] as string)),
          ),
          get("/api/studies/:study/segments", async ({ params }) => ({
            kind: "bytes",
            type: "application/octet-stream",
            value: await studies.segments(params["study"] as string),
          })),
          get("/api/studies/:study/measures", async ({ params }) => ({
            kind: "bytes",
            type: "application/octet-stream",
            value: await studies.measures(params["study"] as string),
          })),
          get(
            "/api/studies/:study/notes",
            json(({ params }) => studies.notes(params["study"] as string)),
          ),
          get(
            "/api/studies/:study/trials/:trial",
            json(({ params }) => studies.trial(params["study"] as string, Number(params["trial"]))),
          ),
        ]
      : [get("/api/studies/:study/:what", storeless), get("/api/studies/:study/trials/:trial", storeless)]),
  ];
}

const storeless = (): never => {
  throw new Refusal(
    404,
    "a dashboard that shows studies must be given their store, but was given none; begin it with --store",
  );
};

/** Tells whenever a study, a run or a comparison has changed. */
async function* changes(
  { runs, studies, comparisons }: DashboardSources,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  let before = "";
  for (let count = 0; !signal.aborted;) {
    const now = JSON.stringify([await studies?.stamp(), await runs.stamp(), await comparisons.stamp()]);
    if (now !== before) yield { count: count++ };
    before = now;
    await studies?.changed("anything", signal);
    await sleep(studies ? LEAST_PAUSE : PAUSE, undefined, { signal }).catch(() => undefined);
  }
}
