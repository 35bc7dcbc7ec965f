import { drawSvg } from "../../report/draw.ts";
import { html, raw, type Html } from "../../report/html.ts";
import { stylesheet } from "../../report/stylesheet.ts";
import { formatLoss, formatSeconds } from "../../report/format.ts";
import type { Curve } from "./curve.ts";
import {
  cellsOf,
  describeFailure,
  endOf,
  failuresOf,
  middleOf,
  stillFalling,
  type Middle,
  type Standing,
} from "./table.ts";

/** What the page tells of. */
export interface ComparisonPage {
  /** What was trained on what. */
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly standings: readonly Standing[];
  /** Seconds that each method had. */
  readonly seconds: number;
  readonly seeds: number;
  /** The command that repeats it. */
  readonly command: string;
}

/** A page about a comparison: one file without scripts, whose plots are drawn already. */
export async function renderComparison(page: ComparisonPage): Promise<string> {
  const { title, standings, seconds, seeds, command } = page;
  const [best] = standings as [Standing, ...Standing[]];
  const each = seeds === 1 ? "one seed" : `${seeds} seeds`;
  return `${html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · ${standings.length} methods · hypertrain</title>
        <style>
          ${raw(stylesheet)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <p class="eyebrow">
              hypertrain <span>·</span> comparison <span>·</span> ${formatSeconds(seconds)} each
              <span>·</span> ${each}
            </p>
            <h1>${title}</h1>
            <p class="lead">
              ${
                Number.isFinite(best.valid.median)
                  ? html`<strong>${best.method}</strong> reached the lowest validation loss,
                      ${formatLoss(best.valid.median)} in the median.`
                  : "No method reached a validation loss from half of its seeds."
              }
            </p>
          </header>
          <section>
            <h2>Best so far</h2>
            <p class="caption">
              Lowest validation loss against time: the median over the seeds, and the middle half as a band.
            </p>
            <figure class="wide">${raw(await bestSoFar(page, { width: 900, height: 480 }))}</figure>
            <figure class="narrow">${raw(await bestSoFar(page, { width: 330, height: 380 }))}</figure>
            ${fallingNote(page)}
          </section>
          <section>
            <h2>Results</h2>
            <p class="caption">
              Of the network with the lowest validation loss of each seed; medians, with quartiles for that
              loss.
            </p>
            ${resultTable(standings)}
            ${failuresOf(page.curves).map((failure) => html`<p class="caption">${describeFailure(failure)}</p>`)}
          </section>
          <section>
            <h2>Each seed</h2>
            <p class="caption">The lowest validation loss from each seed.</p>
            ${seedTable(page)}
          </section>
          <section>
            <h2>Again</h2>
            <pre>${command}</pre>
          </section>
        </main>
      </body>
    </html>`}\n`;
}

function resultTable(standings: readonly Standing[]): Html {
  const { headings, rows } = cellsOf(standings);
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${headings.map((heading) => html`<th>${heading}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([method = "", ...cells]) =>
            html`<tr>
              <th scope="row">${method}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** What the time was too short for. */
function fallingNote({ curves, seconds }: ComparisonPage): Html {
  const methods = stillFalling(curves, seconds);
  if (methods.length === 0) return html``;
  return html`<p class="caption">
    Still improving in the last tenth of the time from at least half of the seeds, so that more time might
    change their places: ${methods.join(", ")}.
  </p>`;
}

function seedTable({ curves, standings }: ComparisonPage): Html {
  const seeds = [...new Set(curves.map(({ seed }) => seed))].sort((a, b) => a - b);
  const of = (method: string, seed: number) =>
    curves.find((curve) => curve.method === method && curve.seed === seed);
  const cell = (curve: Curve | undefined): string =>
    curve ? `${formatLoss(endOf(curve).valid.loss)}${curve.failed === undefined ? "" : " (failed)"}` : "–";
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>method</th>
          ${seeds.map((seed) => html`<th>seed ${seed}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${standings.map(
          ({ method }) =>
            html`<tr>
              <th scope="row">${method}</th>
              ${seeds.map((seed) => html`<td>${cell(of(method, seed))}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Points of time at which the curves are compared. */
const MOMENTS = 120;

async function bestSoFar(
  { curves, standings, seconds }: ComparisonPage,
  size: { readonly width: number; readonly height: number },
): Promise<string> {
  const values = standings.flatMap(({ method }) => {
    const own = curves.filter((curve) => curve.method === method);
    return Array.from({ length: MOMENTS + 1 }, (_, i) => (seconds * i) / MOMENTS).flatMap((moment) => {
      const losses = own.map((curve) => lossAt(curve, moment));
      const { median, lower, upper } = middleOf(losses);
      return Number.isFinite(upper) ? [{ method, seconds: moment, median, lower, upper } as Moment] : [];
    });
  });
  if (values.length === 0) return "";
  const methods = standings.map(({ method }) => method);
  const color = {
    field: "method",
    type: "nominal",
    scale: { domain: methods, range: methods.map((_, i) => palette[i % palette.length]) },
    legend: {
      ...{ orient: "top", direction: "horizontal", title: null, symbolOpacity: 1 },
      columns: size.width < 500 ? 2 : 5,
    },
  };
  const x = {
    field: "seconds",
    type: "quantitative",
    title: "seconds",
    scale: { domain: [0, seconds], nice: false },
  };
  const least = Math.min(...values.map(({ lower }) => lower));
  const most = middleOf(values.map(({ upper }) => upper)).upper * 2; // the start of a training would flatten the rest
  const y = {
    type: "quantitative",
    scale: { type: "log", domain: [least * 0.95, Math.max(most, least * 1.5)], clamp: true },
  };
  const spec = {
    data: { values },
    layer: [
      {
        mark: { type: "area", opacity: 0.12, interpolate: "step-after" },
        encoding: {
          x,
          y: { ...y, field: "lower", title: "validation loss" },
          y2: { field: "upper" },
          color,
        },
      },
      {
        mark: { type: "line", strokeWidth: 1.75, interpolate: "step-after" },
        encoding: { x, y: { ...y, field: "median" }, color },
      },
    ],
  };
  return drawSvg(spec, size, "Lowest validation loss of each method against time");
}

interface Moment extends Middle {
  readonly method: string;
  readonly seconds: number;
}

/** The lowest validation loss until a moment; Infinity before the first. */
const lossAt = ({ points }: Curve, seconds: number): number =>
  points.findLast((point) => point.seconds <= seconds)?.valid.loss ?? Infinity;

const palette = [
  "#2f5bea",
  "#d9622b",
  "#2a9d6f",
  "#b5369a",
  "#8a6d1f",
  "#5b8def",
  "#c23b3b",
  "#5f9ea0",
  "#7a5cc9",
  "#6b7280",
  "#e0a100",
  "#15803d",
  "#9f1239",
  "#0891b2",
  "#a3a310",
  "#d16ba5",
  "#1e3a5f",
  "#84562b",
  "#7fb069",
  "#a78bfa",
];
