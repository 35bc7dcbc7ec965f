import { html } from "../../report/html.ts";
import { renderPage, type PageAssets } from "../../report/page.ts";
import type { DashboardSources } from "./routes.ts";

/** The most trials of a study, the best first, whose pages an exported page holds, and the most runs. */
const [MOST_TRIALS, MOST_RUNS] = [100, 50];

/**
 * The dashboard as one file that needs no server: all that it shows now, with the pages of the best trials.
 *
 * @param onDamage told of every run that cannot be read, which is listed without a page
 */
export async function exportedPage(
  { runs, studies, comparisons }: DashboardSources,
  assets: PageAssets,
  onDamage: (sentence: string) => void,
): Promise<string> {
  const lines = (await studies?.list()) ?? [];
  const json: Record<string, unknown> = {};
  const tables: Record<string, string> = {};
  const refusals: Record<string, string> = {};
  const found = (await runs.list()).slice(0, MOST_RUNS);
  const compared = (await comparisons.list()).filter(({ methods }) => methods > 0).slice(0, MOST_RUNS);
  json["/api/overview"] = { studies: lines, runs: found, comparisons: compared };
  for (const { name } of compared) {
    json[`/api/comparisons/${encodeURIComponent(name)}`] = await comparisons.comparison(name);
  }
  for (const { run, damage } of found) {
    const path = `/api/runs/${encodeURIComponent(run)}`;
    if (damage === undefined) json[path] = await runs.run(run);
    else onDamage(`${run} has no page: ${(refusals[path] = damage)}`);
  }
  for (const { name } of lines) {
    if (!studies) continue;
    const path = `/api/studies/${encodeURIComponent(name)}`;
    tables[`${path}/table`] = Buffer.from(await studies.wholeTable(name)).toString("base64");
    tables[`${path}/segments`] = Buffer.from(await studies.segments(name)).toString("base64");
    tables[`${path}/measures`] = Buffer.from(await studies.measures(name)).toString("base64");
    json[`${path}/notes`] = await studies.notes(name);
    json[`${path}/curves`] = await studies.curves(name);
    json[`${path}/importances`] = await studies.importances(name);
    for (const page of await studies.pages(name, MOST_TRIALS)) {
      json[`${path}/trials/${page.trial.number}`] = page;
    }
  }
  const body = html`<p class="muted">This page is drawn by its script.</p>`;
  return renderPage({ title: "hypertrain", body, snapshot: { json, tables, refusals } }, assets);
}
