import type { ComparisonDocument, LossCurve } from "../api/comparison.ts";
import { formatLoss, formatSeconds } from "./format.ts";
import { dataTable } from "./data-table.ts";
import { html, type Html } from "./html.ts";
import { cellsOf, describeFailure, endOf } from "./standings.ts";
import { warningNotes } from "./warnings.ts";

/** The top of a page about a comparison. @param name its folder */
export function comparisonHead(name: string, document: ComparisonDocument): Html {
  const { title, seconds, gradients, seeds, warnings } = document;
  const budget =
    gradients === undefined ? formatSeconds(seconds) : `${gradients.toLocaleString("en")} gradients`;
  return html`<p class="eyebrow">
      <a href="#/">hypertrain</a> / comparison ${name} · ${budget} each ·
      ${seeds === 1 ? "one seed" : `${seeds} seeds`}
    </p>
    <h1>${title}</h1>
    <p class="lead">${lead(document)}</p>
    ${warningNotes(warnings)}`;
}

const lead = ({ standings: [best] }: ComparisonDocument): Html =>
  best && Number.isFinite(best.valid.median)
    ? html`<strong>${best.method}</strong> reached the lowest validation loss,
        ${formatLoss(best.valid.median)} in the median.`
    : html`No method reached a validation loss from half of its seeds.`;

/** The tables of a comparison, and how to repeat it. */
export function comparisonTables(document: ComparisonDocument): Html {
  const { standings, failures, remarks, lossUnit, command } = document;
  const { headings, rows } = cellsOf(standings);
  return html`<section>
      <h2>Results</h2>
      <p class="caption">
        Of the network with the lowest validation loss of each seed; medians, with quartiles for that loss.
        ${lossUnit ?? ""}
      </p>
      ${dataTable(headings, rows)}
      ${[...remarks, ...failures.map(describeFailure)].map((text) => html`<p class="caption">${text}</p>`)}
    </section>
    <section>
      <h2>Each seed</h2>
      <p class="caption">The lowest validation loss from each seed.</p>
      ${seedTable(document)}
    </section>
    <section>
      <h2>Again</h2>
      <pre><code>${command}</code></pre>
    </section>`;
}

function seedTable({ curves, standings }: ComparisonDocument): Html {
  const seeds = [...new Set(curves.map(({ seed }) => seed))].sort((a, b) => a - b);
  const of = (method: string, seed: number) =>
    curves.find((curve) => curve.method === method && curve.seed === seed);
  const cell = (curve: LossCurve | undefined): string =>
    curve ? `${formatLoss(endOf(curve).valid.loss)}${curve.failed === undefined ? "" : " (failed)"}` : "–";
  return dataTable(
    ["method", ...seeds.map((seed) => `seed ${seed}`)],
    standings.map(({ method }) => [method, ...seeds.map((seed) => cell(of(method, seed)))]),
  );
}
