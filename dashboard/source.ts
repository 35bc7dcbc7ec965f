import { decodeTable, type WireTable } from "../src/api/columns.ts";
import type { ComparisonDocument } from "../src/api/comparison.ts";
import type { ComparisonLine } from "../src/cli/dashboard/comparison-source.ts";
import type { PageSnapshot } from "../src/report/page.ts";
import type { RunPage } from "../src/report/run-page.ts";
import type { SegmentNote } from "../src/cli/dashboard/segment-table.ts";
import type { StudyNote } from "../src/cli/dashboard/study-columns.ts";
import type { Curves, StudyLine, TableCursor, TrialPage } from "../src/cli/dashboard/study-source.ts";
import type { RunSummary } from "../src/cli/views/run-summary.ts";
import type { Note } from "../src/storage/storage.ts";

/** All that there is to look at. */
export interface Overview {
  readonly studies: readonly StudyLine[];
  readonly runs: readonly RunSummary[];
  readonly comparisons: readonly ComparisonLine[];
}

/** How much each hyperparameter of a study decides, by name. */
export type Importances = Readonly<Record<string, number>>;

/** Where the page's numbers come from: a server, or the page itself. */
export interface Source {
  readonly live: boolean;
  /** The address that is shown first. */
  readonly home: string;
  overview(): Promise<Overview>;
  table(study: string, after?: TableCursor): Promise<WireTable<StudyNote>>;
  measures(study: string): Promise<WireTable<null>>;
  curves(study: string): Promise<Curves>;
  trial(study: string, number: number): Promise<TrialPage>;
  importances(study: string): Promise<Importances>;
  segments(study: string): Promise<WireTable<SegmentNote>>;
  notes(study: string): Promise<readonly Note[]>;
  run(name: string): Promise<RunPage>;
  comparison(name: string): Promise<ComparisonDocument>;
  /** Lets the server do something to a study or a trial. @returns what came of it, as a sentence */
  act(act: Act): Promise<string>;
  /** Calls back when something has changed, and says whether the server is there. */
  watch(changed: () => void, there: (is: boolean) => void): void;
}

/** Something that people do to a study, or to one of its trials. */
export interface Act {
  readonly study: string;
  readonly trial?: number;
  readonly name: "stop" | "delete" | "enqueue" | "note" | "fail" | "retry";
  readonly body?: object;
}

const part = encodeURIComponent;
const paths = {
  overview: "/api/overview",
  table: (study: string) => `/api/studies/${part(study)}/table`,
  curves: (study: string) => `/api/studies/${part(study)}/curves`,
  importances: (study: string) => `/api/studies/${part(study)}/importances`,
  segments: (study: string) => `/api/studies/${part(study)}/segments`,
  measures: (study: string) => `/api/studies/${part(study)}/measures`,
  notes: (study: string) => `/api/studies/${part(study)}/notes`,
  trial: (study: string, number: number) => `/api/studies/${part(study)}/trials/${number}`,
  run: (name: string) => `/api/runs/${part(name)}`,
  comparison: (name: string) => `/api/comparisons/${part(name)}`,
};

/** The page's own source. */
export function sourceOfPage(): Source {
  const inside = document.getElementById("snapshot")?.textContent;
  return inside ? snapshotSource(JSON.parse(inside) as PageSnapshot) : serverSource();
}

function snapshotSource({ json, tables, refusals = {}, home = "#/" }: PageSnapshot): Source {
  const answer = <T>(path: string): Promise<T> =>
    path in json
      ? Promise.resolve(json[path] as T)
      : Promise.reject(new Error(refusals[path] ?? "the exported page does not hold this"));
  const table = <Note>(path: string): Promise<WireTable<Note>> => {
    const bytes = Uint8Array.from(atob(tables[path] ?? ""), (c) => c.charCodeAt(0));
    return Promise.resolve(decodeTable<Note>(bytes.buffer));
  };
  return {
    ...{ live: false, home },
    overview: () => answer(paths.overview),
    table: (study) => table(paths.table(study)),
    segments: (study) => table(paths.segments(study)),
    measures: (study) => table(paths.measures(study)),
    notes: (study) => answer(paths.notes(study)),
    act: () => Promise.reject(new Error("an exported page changes nothing")),
    curves: (study) => answer(paths.curves(study)),
    importances: (study) => answer(paths.importances(study)),
    trial: (study, number) => answer(paths.trial(study, number)),
    run: (name) => answer(paths.run(name)),
    comparison: (name) => answer(paths.comparison(name)),
    watch: () => {},
  };
}

function serverSource(): Source {
  const token = /^#token=(.+)$/.exec(location.hash)?.[1] ?? sessionStorage.getItem("token");
  if (location.hash.startsWith("#token=")) {
    sessionStorage.setItem("token", token as string);
    location.replace("#/");
  }
  const ask = async (path: string, body?: object): Promise<Response> => {
    const response = await fetch(path, {
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body && { "Content-Type": "application/json" }),
      },
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    const { error } = (await response.json().catch(() => ({}))) as { readonly error?: string };
    throw new Error(error ?? `the server answered ${response.status}`);
  };
  const json = async <T>(path: string): Promise<T> => (await (await ask(path)).json()) as T;
  const tableAt = async <Note>(path: string): Promise<WireTable<Note>> =>
    decodeTable<Note>(await (await ask(path)).arrayBuffer());
  return {
    ...{ live: true, home: "#/" },
    overview: () => json(paths.overview),
    table(study, after) {
      const since = after ? `?after=${after.version}&count=${after.count}&rows=${after.rows}` : "";
      return tableAt(`${paths.table(study)}${since}`);
    },
    curves: (study) => json(paths.curves(study)),
    importances: (study) => json(paths.importances(study)),
    segments: (study) => tableAt(paths.segments(study)),
    measures: (study) => tableAt(paths.measures(study)),
    notes: (study) => json(paths.notes(study)),
    trial: (study, number) => json(paths.trial(study, number)),
    run: (name) => json(paths.run(name)),
    comparison: (name) => json(paths.comparison(name)),
    async act({ study, trial, name, body = {} }) {
      const of = trial === undefined ? "" : `/trials/${trial}`;
      const response = await ask(`/api/studies/${part(study)}${of}/${name}`, body);
      return ((await response.json()) as { readonly said: string }).said;
    },
    watch: (changed, there) => void listen(ask, changed, there),
  };
}

/** Reads server-sent events by fetch, which can send a token, and begins anew when they break off. */
async function listen(
  ask: (path: string) => Promise<Response>,
  changed: () => void,
  there: (is: boolean) => void,
): Promise<never> {
  for (;;) {
    try {
      const reader = (await ask("/api/events")).body?.getReader();
      there(true);
      for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) changed();
      there(false);
    } catch (error) {
      there(!(error instanceof TypeError)); // as of a request that nobody answered; who refuses is there
    }
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}
