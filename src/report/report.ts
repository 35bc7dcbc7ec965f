import type { ComparisonDocument } from "../api/comparison.ts";
import type { TracePoint } from "../api/trace.ts";
import type { Goals } from "../search/goals.ts";
import { comparisonHead, comparisonTables } from "./comparison-markup.ts";
import { html, type Html } from "./html.ts";
import { renderPage, type PageAssets } from "./page.ts";
import { runDocumentOf, type DocumentInput } from "./run-document.ts";
import { runHead, runTables } from "./run-markup.ts";
import { thinnedPage } from "./run-page.ts";
import { demandGiven } from "../util/given.ts";
import { objectWith } from "../util/rule.ts";

/** What a report tells of. */
export interface ReportInput extends DocumentInput {
  /** What the run was configured with, which the page shows. */
  readonly config: object;
  readonly trace: readonly TracePoint[];
  /** The baseline's trace points; none if it was not run. */
  readonly baseline: readonly TracePoint[];
  /** What a search followed besides the lowest loss. */
  readonly goals?: Goals | undefined;
  /** Of a run that goes on: seconds after which the page loads itself anew. */
  readonly refresh?: number;
}

/**
 * A page about a run, finished or under way: what the dashboard shows of it, as one file. Sentences and tables are there without a script,
 * charts are drawn by it.
 *
 * ```ts
 * await writeWhole("report.html", renderReport({ title: "flowers", config, space, result, trace, baseline: [] }, await pageAssets()));
 * ```
 *
 * @throws {HypertrainError} for what lacks one of these.
 */
export function renderReport(input: ReportInput, assets: PageAssets): string {
  demandGiven("renderReport", { input, assets }, { input: reportInput, assets: someAssets });
  const { config, trace, baseline, goals, refresh, result } = input;
  const document = runDocumentOf(input);
  const { run } = result;
  const refitted = result.refit?.from;
  const page = thinnedPage(
    {
      ...{ run, config, trace, baseline, document },
      ...(goals && { goals }),
      ...(refitted !== undefined && { refitted }),
    },
    MOST_POINTS,
  );
  const body = html`${runHead(run, document)} ${CHARTS} ${runTables(document, page)}`;
  const name = encodeURIComponent(run);
  return renderPage(
    {
      ...{ title: `${document.title} · ${document.methodTitle} · hypertrain`, body },
      snapshot: { json: { [`/api/runs/${name}`]: page }, tables: {}, home: `#/run/${name}` },
      ...(refresh !== undefined && { refresh }),
    },
    assets,
  );
}

const reportInput = objectWith<ReportInput>("what a report tells of, { result, space, title, … }", {
  result: "object",
  space: "object",
  config: "object",
  trace: "object",
  baseline: "object",
});

const someAssets = objectWith<PageAssets>("the page's script and style, from await pageAssets()", {
  script: "string",
  style: "string",
  policy: "string",
});

/** A page about a comparison. @param name its folder */
export function renderComparison(name: string, document: ComparisonDocument, assets: PageAssets): string {
  const { title, standings } = document;
  const place = encodeURIComponent(name);
  return renderPage(
    {
      title: `${title} · ${standings.length} methods · hypertrain`,
      body: html`${comparisonHead(name, document)} ${CHARTS} ${comparisonTables(document)}`,
      snapshot: {
        json: { [`/api/comparisons/${place}`]: document },
        ...{ tables: {}, home: `#/comparison/${place}` },
      },
    },
    assets,
  );
}

/** The most points of a trace, which is more than the eye can tell apart. */
const MOST_POINTS = 500;

/** What stands in the place of the charts as long as there is no script. */
const CHARTS: Html = html`<p class="caption">The charts are drawn by the page's script.</p>`;
