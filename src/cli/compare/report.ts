import type { LossCurve, MethodStanding } from "../../api/comparison.ts";
import { drawSvg, type ChartSize } from "../../report/draw.ts";
import { html, type Html } from "../../report/html.ts";
import { chart, download, renderPage, scaleChoice, type Drawn, type NumberTable } from "../../report/page.ts";
import { formatLoss, formatSeconds } from "../../report/format.ts";
import { cellsOf, describeFailure, endOf } from "../../report/standings.ts";
import { leastOf, middleOf, type Middle } from "../../util/statistics.ts";
import { failuresOf, remarksOnTime } from "./table.ts";

/** What the page tells of. */
export interface ComparisonPage {
  /** What was trained on what. */
  readonly title: string;
  readonly curves: readonly LossCurve[];
  readonly standings: readonly MethodStanding[];
  /** Seconds that each method had. */
  readonly seconds: number;
  readonly seeds: number;
  /** What the losses are in, where that is not plain. */
  readonly lossUnit?: string | undefined;
  /** The command that repeats it. */
  readonly command: string;
}

/** A page about a comparison: one file, whose plots are drawn already. */
export async function renderComparison(page: ComparisonPage): Promise<string> {
  const { title, curves, standings, seconds, seeds, command } = page;
  const [best] = standings as [MethodStanding, ...MethodStanding[]];
  const medians = mediansOf(page);
  return renderPage({
    title: `${title} · ${standings.length} methods · hypertrain`,
    eyebrow: ["comparison", `${formatSeconds(seconds)} each`, seeds === 1 ? "one seed" : `${seeds} seeds`],
    heading: title,
    lead: Number.isFinite(best.valid.median)
      ? html`<strong>${best.method}</strong> reached the lowest validation loss,
          ${formatLoss(best.valid.median)} in the median.`
      : "No method reached a validation loss from half of its seeds.",
    body: [
      html`<section>
        <h2>Best so far</h2>
        ${medians.length > 0 ? scaleChoice("losses", "log") : ""}
        <p class="caption">
          Lowest validation loss against time: the median over the seeds, and the middle half as a band.
        </p>
        ${
          medians.length === 0
            ? html`<p>
                There is nothing to draw: no method had a loss from most of its seeds at any moment. Give them
                more time.
              </p>`
            : html`<figure>
                ${chart(
                  await drawnOf(page, medians),
                  MEDIANS,
                  standings.map(({ method }) => method),
                )}
              </figure>`
        }
        ${remarksOnTime(curves, seconds).map((remark) => html`<p class="caption">${remark}</p>`)}
        ${download(SEEDS, "comparison.csv")}
      </section>`,
      html`<section>
        <h2>Results</h2>
        <p class="caption">
          Of the network with the lowest validation loss of each seed; medians, with quartiles for that loss.
          ${page.lossUnit ?? ""}
        </p>
        ${resultTable(standings)}
        ${failuresOf(curves).map((failure) => html`<p class="caption">${describeFailure(failure)}</p>`)}
      </section>`,
      html`<section>
        <h2>Each seed</h2>
        <p class="caption">The lowest validation loss from each seed.</p>
        ${seedTable(page)}
      </section>`,
      html`<section>
        <h2>Again</h2>
        <pre>${command}</pre>
      </section>`,
    ],
    numbers: { [MEDIANS]: byMoment(medians, standings), [SEEDS]: bySeed(curves) },
  });
}

/** What the page calls its numbers: what the chart shows, and what can be saved. */
const [MEDIANS, SEEDS] = ["medians", "seeds"];

/** The medians of all methods, a row for each moment. */
function byMoment(medians: readonly Moment[], standings: readonly MethodStanding[]): NumberTable {
  const methods = standings.map(({ method }) => method);
  const rows = new Map<number, (number | null)[]>();
  for (const { method, seconds, median } of medians) {
    const row = rows.get(seconds) ?? [seconds, ...methods.map(() => null)];
    row[1 + methods.indexOf(method)] = median;
    rows.set(seconds, row);
  }
  return {
    columns: ["seconds", ...methods],
    rows: [...rows.values()].sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0)),
  };
}

/** Every improvement of every method from every seed. */
const bySeed = (curves: readonly LossCurve[]): NumberTable => ({
  columns: ["method", "seed", "seconds", "gradients", "validation loss", "test loss"],
  rows: curves.flatMap(({ method, seed, points }) =>
    points.map(({ seconds, gradientEvaluations, valid, test }) => [
      ...[method, seed, seconds, gradientEvaluations, valid.loss],
      test?.loss ?? null,
    ]),
  ),
});

async function drawnOf(page: ComparisonPage, medians: readonly Moment[]): Promise<Drawn[]> {
  if (medians.length === 0) return [];
  const drawn: Drawn[] = [];
  for (const scale of ["log", "linear"] as const) {
    drawn.push({
      scale,
      size: "wide",
      svg: await bestSoFar(page, medians, scale, { width: 900, height: 480 }),
    });
    drawn.push({
      scale,
      size: "narrow",
      svg: await bestSoFar(page, medians, scale, { width: 330, height: 380 }),
    });
  }
  return drawn;
}

function resultTable(standings: readonly MethodStanding[]): Html {
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

function seedTable({ curves, standings }: ComparisonPage): Html {
  const seeds = [...new Set(curves.map(({ seed }) => seed))].sort((a, b) => a - b);
  const of = (method: string, seed: number) =>
    curves.find((curve) => curve.method === method && curve.seed === seed);
  const cell = (curve: LossCurve | undefined): string =>
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

/** The middle of each method's seeds at each moment at which it is known. */
function mediansOf({ curves, standings, seconds }: ComparisonPage): Moment[] {
  return standings.flatMap(({ method }) => {
    const own = curves.filter((curve) => curve.method === method);
    return Array.from({ length: MOMENTS + 1 }, (_, i) => (seconds * i) / MOMENTS).flatMap((moment) => {
      const losses = own.map((curve) => lossAt(curve, moment));
      const { median, lower, upper } = middleOf(losses);
      return Number.isFinite(upper) ? [{ method, seconds: moment, median, lower, upper }] : [];
    });
  });
}

function bestSoFar(
  { standings, seconds }: ComparisonPage,
  values: readonly Moment[],
  scale: Drawn["scale"],
  size: ChartSize,
): Promise<string> {
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
  const least = leastOf(values.map(({ lower }) => lower));
  const most = middleOf(values.map(({ upper }) => upper)).upper * 2; // the start of a training would flatten the rest
  const y = {
    type: "quantitative",
    scale: { type: scale, domain: [least * 0.95, Math.max(most, least * 1.5)], clamp: true },
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
const lossAt = ({ points }: LossCurve, seconds: number): number =>
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
