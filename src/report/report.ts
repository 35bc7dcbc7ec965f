import type { ResultPoint, TuneResult } from "../api/result.ts";
import type { HyperPoint, TracePoint } from "../api/trace.ts";
import type { Space } from "../space/space.ts";
import {
  epochText,
  formatHyper,
  formatLoss,
  formatMetric,
  formatNumber,
  formatSeconds,
  metricTitle,
} from "./format.ts";
import { html, type Html } from "./html.ts";
import { hyperChart, lossChart, lossColumns, lossScaleOf, type HyperAt } from "./charts.ts";
import { chart, download, renderPage, scaleChoice, type Drawn } from "./page.ts";
import { traceNumbers } from "./trace-numbers.ts";
import { meanOf } from "../util/statistics.ts";
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
  /** What the method is called in a sentence; default its name. */
  readonly methodTitle?: string;
  readonly trace: readonly TracePoint[];
  /** The baseline's trace points; none if it was not run. */
  readonly baseline: readonly TracePoint[];
  /** Of a run that goes on: seconds after which the page loads itself anew. */
  readonly refresh?: number;
}

/** A page about a run, finished or under way: one file, whose plots are drawn already. */
export async function renderReport(input: ReportInput): Promise<string> {
  const { result, config, command, title, trace, baseline, refresh } = input;
  const { methodTitle = result.method } = input;
  return renderPage({
    title: `${title} · ${methodTitle} · hypertrain`,
    eyebrow: [methodTitle, `seed ${result.seed}`],
    heading: title,
    lead: lead(result, methodTitle),
    body: [
      html`${notes("About this run", sentencesOf(result))} ${notes("About the data", result.warnings)}
        <dl class="tiles">${tiles(result)}</dl>`,
      await lossSection(input),
      await hyperSection(input),
      trainingsSection(trace),
      html`<section>
        <h2>Comparison</h2>
        <p class="caption">
          Each at its own lowest validation loss${result.guard ? ", on the rows kept from the tuner" : ""}.
          ${result.lossUnit ?? ""}
        </p>
        <div class="scroll">${comparison(result, methodTitle)}</div>
      </section>`,
      measuresSection(result),
      columnsSection(result),
      html`<section>
        <h2>Run it again</h2>
        ${command === undefined ? "" : html`<pre><code>${command}</code></pre>`}
        <details>
          <summary>Configuration</summary>
          <pre><code>${JSON.stringify(config, null, 2)}</code></pre>
        </details>
      </section>`,
      html`<footer>${footer(result, trace)}</footer>`,
    ],
    numbers: { [TRACE]: traceNumbers(trace, baseline) },
    ...(refresh !== undefined && { refresh }),
  });
}

/** What the page calls the numbers behind its charts. */
const TRACE = "trace";

function lead({ best, final, baseline, ended }: TuneResult, methodTitle: string): Html {
  const loss = html`<strong>${formatLoss(best.valid.loss)}</strong>`;
  if (ended === "running") {
    return html`The run goes on; after epoch ${rounded(final.epoch)} the lowest validation loss is ${loss}, at
    epoch ${epochText(best)}.`;
  }
  if (!baseline) return html`The lowest validation loss was ${loss}, at epoch ${epochText(best)}.`;
  const change = 1 - best.valid.loss / baseline.valid.loss;
  const percent = Math.abs(100 * change).toFixed(0);
  const distance = percent === "0" ? "as low as" : `${percent} % ${change > 0 ? "below" : "above"}`;
  return html`${methodTitle} reached a validation loss of ${loss}, <strong>${distance}</strong> the same
    training with the starting hyperparameters held fixed (${formatLoss(baseline.valid.loss)}).`;
}

/** What the run says of itself. */
const sentencesOf = ({ auto, remarks, trust, guard }: TuneResult): string[] => [
  ...(auto === undefined ? [] : [auto]),
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
    tile(
      "Best epoch",
      rounded(best.trial?.epoch ?? best.epoch),
      best.trial ? `of training ${best.trial.number + 1}` : `of ${rounded(final.epoch)}`,
    ),
    tile(
      "Training time",
      formatSeconds(seconds),
      `${steps.toLocaleString("en")} steps, ${formatNumber(stepsPerSecond, 3)} a second`,
    ),
  ];
}

const rounded = (epoch: number): string => String(Math.round(epoch * 100) / 100);

const lossCaption = (input: ReportInput): string =>
  [plainLossCaption(input), input.result.lossUnit ?? ""].join(" ").trimEnd();

function plainLossCaption({ baseline, result }: ReportInput): string {
  if (result.trainings !== undefined) {
    return "Mean loss after each epoch of all trainings, one after the other; “best so far” is the lowest validation loss until then, the ring the lowest of all, whose weights are kept.";
  }
  const rest =
    baseline.length > 0
      ? " The dashed line is the validation loss with the starting hyperparameters held fixed."
      : "";
  return `Mean loss after each epoch; training with dropout on and without penalties. The ring marks the lowest validation loss, whose weights are kept.${rest}`;
}

async function lossSection(input: ReportInput): Promise<Html> {
  const { trace, baseline, result } = input;
  const points = { trace, baseline, bestEpoch: result.best.epoch };
  const { first, others } = lossScaleOf(points);
  const drawn: Drawn[] = [];
  for (const scale of [first, ...others]) {
    for (const [size, shape] of Object.entries(sizes)) {
      drawn.push({ scale, size: size as keyof typeof sizes, svg: await lossChart(points, scale, shape) });
    }
  }
  return html`<section>
    <h2>Loss</h2>
    ${others.length > 0 ? scaleChoice("losses", first) : ""}
    <p class="caption">${lossCaption(input)}</p>
    <figure>${chart(drawn, TRACE, lossColumns(trace))}</figure>
    ${download(TRACE, `${slugOf(result.run)}.csv`)}
  </section>`;
}

/** Each chart is drawn for both, since text in a plot does not reflow. */
const sizes = { wide: { width: 900, height: 340 }, narrow: { width: 330, height: 260 } } as const;

/** The last part of a path, as a file can be called. */
const slugOf = (path: string): string =>
  (path.split(/[\\/]/).at(-1) ?? "").replace(/[^\w.-]+/g, "-") || "hypertrain";

async function hyperSection({ trace, space, result }: ReportInput): Promise<Html> {
  const names = Object.keys(result.best.hyperparameters);
  if (names.length === 0) return html``;
  const cards = await Promise.all(
    names.map(async (name) => {
      const hyper = space.hypers[name];
      const points = trace.map(({ epoch, trial, hyperparameters }) => ({
        ...{ epoch, training: trial?.number ?? 0 },
        ...(hyperparameters[name] as HyperPoint),
      }));
      const from = result.start.hyperparameters[name] as HyperPoint["value"];
      const drawn = await hyperCharts(points as HyperAt[], hyper, { bestEpoch: result.best.epoch, from });
      const best = formatHyper(result.best.hyperparameters[name] as HyperPoint);
      return html`<figure class="card">
        <figcaption>
          <b>${name}</b><span>${formatHyper({ value: from })} → <em>${best}</em></span>
        </figcaption>
        ${chart(drawn, TRACE, [name])}
      </figure>`;
    }),
  );
  const logarithmic = names.some((name) => isLogarithmic(space.hypers[name]));
  return html`<section>
    <h2>Hyperparameters</h2>
    ${logarithmic ? scaleChoice("hyperparameters", "log") : ""}
    <p class="caption">${hyperCaption(result)}</p>
    <div class="cards">${cards}</div>
  </section>`;
}

const isLogarithmic = (hyper: Space["hypers"][string] | undefined): boolean =>
  hyper !== undefined && hyper.kind !== "choice" && hyper.log === true;

/** A hyperparameter over the epochs; of a choice nothing, since the caption says what was chosen. */
async function hyperCharts(
  points: readonly HyperAt[],
  hyper: Space["hypers"][string] | undefined,
  { bestEpoch, from }: { readonly bestEpoch: number; readonly from: HyperPoint["value"] },
): Promise<Drawn[]> {
  if (hyper?.kind === "choice") return [];
  const start = typeof from === "object" ? meanOf(from) : Number(from);
  const size = { width: 270, height: 150 };
  const draw = async (log: boolean): Promise<Drawn> => ({
    scale: log ? "log" : "linear",
    size: "any",
    svg: await hyperChart(points, { log, bestEpoch, start }, size),
  });
  return isLogarithmic(hyper) ? [await draw(true), await draw(false)] : [await draw(false)];
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

function comparison({ method, best, final, baseline }: TuneResult, methodTitle: string): Html {
  const points: [string, ResultPoint][] = [
    [method === "fixed" ? "Starting hyperparameters held" : `Tuned by ${methodTitle}`, best],
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
            ${[epochText(point), ...scores(point)].map((cell) => html`<td>${cell}</td>`)}
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
    seen · ${ended === "running" ? "still running" : `ended ${why[ended]}`}`;
}
