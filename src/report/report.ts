import type { ResultPoint, TuneResult } from "../api/result.ts";
import type { HyperPoint, TracePoint } from "../api/trace.ts";
import type { Space } from "../space/space.ts";
import { formatHyper, formatLoss, formatMetric, formatNumber, formatSeconds, metricTitle } from "./format.ts";
import { html, raw, type Html } from "./html.ts";
import { hyperChart, lossChart, type HyperAt } from "./charts.ts";
import { stylesheet } from "./stylesheet.ts";
import { trainingsSection } from "./trainings.ts";

/** What a report tells of. */
export interface ReportInput {
  readonly result: TuneResult;
  /** What the run was configured with, which the page shows. */
  readonly config: object;
  /** The command that repeats the run, where one does. */
  readonly command?: string;
  readonly space: Space;
  /** What was trained on what. */
  readonly title: string;
  readonly trace: readonly TracePoint[];
  /** The baseline's trace points; none if it was not run. */
  readonly baseline: readonly TracePoint[];
}

/** A page about a finished run: one file without scripts, whose plots are drawn already. */
export async function renderReport(input: ReportInput): Promise<string> {
  const { result, config, command, title, trace } = input;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · ${methodTitle(result.method)} · hypertrain</title>
        <style>
          ${raw(stylesheet)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <p class="eyebrow">
              hypertrain <span>·</span> ${methodTitle(result.method)} <span>·</span> seed ${result.seed}
            </p>
            <h1>${title}</h1>
            <p class="lead">${lead(result)}</p>
          </header>
          ${notes("About this run", sentencesOf(result))} ${notes("About the data", result.warnings)}
          <dl class="tiles">${tiles(result)}</dl>
          <section>
            <h2>Loss</h2>
            <p class="caption">${lossCaption(input)}</p>
            ${await lossFigure(input)}
          </section>
          ${await hyperSection(input)} ${trainingsSection(trace)}
          <section>
            <h2>Comparison</h2>
            <p class="caption">
              Each at its own lowest validation
              loss${result.guard ? ", on the rows kept from the tuner" : ""}.
            </p>
            <div class="scroll">${comparison(result)}</div>
          </section>
          ${measuresSection(result)} ${columnsSection(result)}
          <section>
            <h2>Run it again</h2>
            ${command === undefined ? "" : html`<pre><code>${command}</code></pre>`}
            <details>
              <summary>Configuration</summary>
              <pre><code>${JSON.stringify(config, null, 2)}</code></pre>
            </details>
          </section>
          <footer>${footer(result, trace)}</footer>
        </main>
      </body>
    </html> `;
  return String(page);
}

const methodTitles: Readonly<Record<string, string>> = {
  "delta-stn": "Delta-STN",
  "centered-stn": "Centred STN",
  stn: "STN",
  "hyper-training": "Hyper-training",
  "hyper-training-global": "Global hyper-training",
  smash: "SMASH",
  "hyper-training-simplified": "Simplified hyper-training",
  fixed: "fixed hyperparameters",
};

const methodTitle = (method: string): string => methodTitles[method] ?? method;

function lead({ method, best, baseline }: TuneResult): Html {
  const loss = html`<strong>${formatLoss(best.valid.loss)}</strong>`;
  if (!baseline) return html`The lowest validation loss was ${loss}, at epoch ${rounded(best.epoch)}.`;
  const change = 1 - best.valid.loss / baseline.valid.loss;
  const percent = `${Math.abs(100 * change).toFixed(0)} %`;
  return html`${methodTitle(method)} reached a validation loss of ${loss},
    <strong>${percent} ${change >= 0 ? "below" : "above"}</strong> the same training with the starting
    hyperparameters held fixed (${formatLoss(baseline.valid.loss)}).`;
}

/** What the run says of itself. */
const sentencesOf = ({ remarks, trust, guard }: TuneResult): string[] => [
  ...remarks,
  ...(trust ? [trust.sentence] : []),
  ...(guard ? [guard.sentence] : []),
];

const notes = (title: string, sentences: readonly string[]): Html =>
  sentences.length === 0
    ? html``
    : html`<aside>
        <h2>${title}</h2>
        <ul>
          ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
        </ul>
      </aside>`;

function tiles({ best, final, baseline, steps, seconds, stepsPerSecond }: TuneResult): Html[] {
  const against = (score: ResultPoint["valid"] | undefined) =>
    score && `fixed start ${formatLoss(score.loss)}`;
  const { metric } = best.test ?? best.valid;
  const rival = (baseline?.test ?? baseline?.valid)?.metric;
  const tile = (label: string, value: string, note?: string): Html =>
    html`<div>
      <dt>${label}</dt>
      <dd>${value}</dd>
      <dd class="note">${note ?? ""}</dd>
    </div>`;
  return [
    tile("Validation loss", formatLoss(best.valid.loss), against(baseline?.valid)),
    ...(best.test ? [tile("Test loss", formatLoss(best.test.loss), against(baseline?.test))] : []),
    ...(metric
      ? [
          tile(
            `${best.test ? "Test" : "Validation"} ${metricTitle(metric.name)}`,
            formatMetric(metric),
            rival && `fixed start ${formatMetric(rival)}`,
          ),
        ]
      : []),
    tile("Best epoch", rounded(best.epoch), `of ${rounded(final.epoch)}`),
    tile(
      "Training time",
      formatSeconds(seconds),
      `${steps.toLocaleString("en")} steps, ${formatNumber(stepsPerSecond, 3)} a second`,
    ),
  ];
}

const rounded = (epoch: number): string => String(Math.round(epoch * 100) / 100);

function lossCaption({ baseline }: ReportInput): string {
  const rest =
    baseline.length > 0
      ? " The dashed line is the validation loss with the starting hyperparameters held fixed."
      : "";
  return `Mean loss after each epoch; training with dropout on and without penalties. The ring marks the lowest validation loss, whose weights are kept.${rest}`;
}

/** Drawn twice, since text in a plot does not reflow: CSS shows the one that fits the screen. */
async function lossFigure({ trace, baseline, result }: ReportInput): Promise<Html> {
  const points = { trace, baseline, bestEpoch: result.best.epoch };
  const wide = await lossChart(points, { width: 900, height: 340 });
  const narrow = await lossChart(points, { width: 330, height: 260 });
  return html`<figure class="wide">${raw(wide)}</figure>
    <figure class="narrow">${raw(narrow)}</figure>`;
}

async function hyperSection({ trace, space, result }: ReportInput): Promise<Html> {
  const names = Object.keys(result.best.hyperparameters);
  if (names.length === 0) return html``;
  const cards = await Promise.all(
    names.map(async (name) => {
      const hyper = space.hypers[name];
      const points = trace.map(({ epoch, hyperparameters }) => ({
        epoch,
        ...(hyperparameters[name] as HyperPoint),
      }));
      const svg =
        hyper?.kind === "choice"
          ? "" // the caption says what was chosen
          : await hyperChart(
              points as HyperAt[],
              { log: hyper?.log ?? false, bestEpoch: result.best.epoch },
              { width: 270, height: 150 },
            );
      const start = formatHyper({ value: result.start.hyperparameters[name] as HyperPoint["value"] });
      const best = formatHyper(result.best.hyperparameters[name] as HyperPoint);
      return html`<figure class="card">
        <figcaption>
          <b>${name}</b><span>${start} → <em>${best}</em></span>
        </figcaption>
        ${raw(svg)}
      </figure>`;
    }),
  );
  return html`<section>
    <h2>Hyperparameters</h2>
    <p class="caption">${hyperCaption(result)}</p>
    <div class="cards">${cards}</div>
  </section>`;
}

function hyperCaption({ method, best, trainings }: TuneResult): string {
  const many = Object.values(best.hyperparameters).some(({ value }) => typeof value === "object");
  const held =
    method === "fixed"
      ? "Held at their start."
      : trainings !== undefined
        ? "In natural units over the epochs of all trainings, one after the other; the dotted line is the start, the ring the best epoch."
        : "In natural units over the epochs; the band is one perturbation scale to either side, the dotted line the start, the ring the best epoch.";
  return many
    ? `${held} Of a hyperparameter with many elements: their mean, and the band from the 10 % to the 90 % quantile.`
    : held;
}

function comparison({ method, best, final, baseline }: TuneResult): Html {
  const points: [string, ResultPoint][] = [
    [method === "fixed" ? "Starting hyperparameters held" : `Tuned by ${methodTitle(method)}`, best],
    ...(baseline ? [["Starting hyperparameters held", baseline] as [string, ResultPoint]] : []),
  ];
  const metric = best.valid.metric && metricTitle(best.valid.metric.name);
  const columns = [
    "",
    "Best epoch",
    "Validation loss",
    ...(metric ? [metric] : []),
    ...(best.test ? ["Test loss", ...(metric ? [metric] : [])] : []),
  ];
  const scores = ({ valid, test }: ResultPoint) =>
    [valid, ...(test ? [test] : [])].flatMap(({ loss, metric }) => [
      formatLoss(loss),
      ...(metric ? [formatMetric(metric)] : []),
    ]);
  const rows = [
    ...points,
    [method === "fixed" ? "At the end" : "Tuned, at the end", final] as [string, ResultPoint],
  ];
  return html`<table>
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col">${column}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ([name, point], i) =>
          html`<tr class="${i === 0 ? "first" : ""}">
            <th scope="row">${name}</th>
            ${[rounded(point.epoch), ...scores(point)].map((cell) => html`<td>${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** What is told beside the metric, of the best point; a confusion matrix where there are classes. */
function measuresSection({ best, data }: TuneResult): Html {
  const parts = [
    ["Validation", best.valid],
    ...(best.test ? [["Test", best.test] as const] : []),
  ] as readonly (readonly [string, ResultPoint["valid"]])[];
  const names = Object.keys(best.valid.measures ?? {});
  if (names.length === 0) return html``;
  const { confusion } = best.test ?? best.valid;
  const caption = confusion
    ? `At the lowest validation loss. Below, for each class of the ${best.test ? "test" : "validation"} part (rows), how often each class was predicted (columns).`
    : "At the lowest validation loss, in the target's own units.";
  return html`<section>
    <h2>Measures</h2>
    <p class="caption">${caption}</p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col"></th>
            ${names.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${parts.map(
            ([part, { measures }]) =>
              html`<tr>
                <th scope="row">${part}</th>
                ${names.map((name) => html`<td>${formatMetric({ name, value: measures?.[name] ?? NaN })}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${
      confusion
        ? confusionTable(
            confusion,
            data?.classes?.map(({ name }) => name),
          )
        : ""
    }
  </section>`;
}

const confusionTable = (confusion: readonly (readonly number[])[], names: readonly string[] = []): Html =>
  html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">class</th>
          ${confusion.map((_, k) => html`<th scope="col">${names[k] ?? String(k)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${confusion.map(
          (row, k) =>
            html`<tr>
              <th scope="row">${names[k] ?? String(k)}</th>
              ${row.map((count) => html`<td>${count}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

/** The columns of a table, folded away. */
function columnsSection({ data }: TuneResult): Html {
  if (!data || data.columns.length === 0) return html``;
  const shown = data.columns.slice(0, 200);
  const rest = data.columns.length - shown.length;
  return html`<section>
    <h2>Columns</h2>
    <details>
      <summary>
        ${data.rows} rows, ${data.columns.length} columns${rest > 0 ? `, the first 200 of them` : ""}
      </summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              ${["Column", "Kind", "Missing", "Distinct", "Becomes"].map((name) => html`<th scope="col">${name}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${shown.map(
              ({ name, kind, missing, distinct, becomes }) =>
                html`<tr>
                  <th scope="row">${name}</th>
                  ${[kind, String(missing), String(distinct), becomes].map((cell) => html`<td>${cell}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
}

function footer({ engine, run, ended }: TuneResult, trace: readonly TracePoint[]): Html {
  const examples = trace.at(-1)?.examples ?? 0;
  const why = {
    epochs: "after all its epochs",
    time: "at its time limit",
    patience: "when the validation loss stopped falling",
    diverged: "when a number became infinite; the weights are those of the best epoch",
    stopped: "when it was stopped; the weights are those of the best epoch",
  };
  return html`Run folder <code>${run}</code> · engine ${engine} · ${examples.toLocaleString("en")} examples
    seen · ended ${why[ended]}`;
}
