import type { ResultPoint, TuneResult } from "../api/result.ts";
import type { RunDocument } from "../api/run-document.ts";
import type { TracePoint } from "../api/trace.ts";
import { formatNumber } from "../util/format-number.ts";
import { capital } from "../util/words.ts";
import { dataTable } from "./data-table.ts";
import { epochText, formatEpochs, formatLoss, formatMetric, formatSeconds, metricTitle } from "./format.ts";
import { html, type Html } from "./html.ts";
import { lead } from "./lead.ts";
import { linearName } from "./linear-name.ts";
import { heldTitle, keptEpoch, validText } from "./refit.ts";
import type { RunPage } from "./run-page.ts";
import { sentencesOf } from "./sentences.ts";
import { trainingsSection } from "./trainings.ts";
import { notes, warningNotes } from "./warnings.ts";

/** The top of a page about a run: what came of it, what it says of itself, what is odd in its data, and its most important numbers. */
export function runHead(run: string, { title, methodTitle, result }: RunDocument): Html {
  const { first, others } = sentencesOf(result);
  return html`<p class="eyebrow">
      <a href="#/">hypertrain</a> / run ${run} ·
      ${methodTitle}${result.network === undefined ? "" : ` · ${result.network}`} · seed ${result.seed}
    </p>
    <h1>${title}</h1>
    <p class="lead">${lead(result, methodTitle)}</p>
    ${notes("About this run", [...first, ...others])} ${warningNotes(result.warnings)}
    <dl class="tiles">${tiles(result)}</dl>`;
}

/** The tables about a run, and how to repeat it. */
export const runTables = (
  { result, methodTitle, command }: RunDocument,
  { config, trace, goals }: Pick<RunPage, "config" | "trace" | "goals">,
): Html =>
  html`${trainingsSection(trace, goals, result)}
    <section>
      <h2>Comparison</h2>
      <p class="caption">
        ${result.refit ? "At the end, whose network is kept" : "Each at its own lowest validation loss"}${result.guard ? ", on the rows kept from the tuner" : ""}.
        ${result.lossUnit ?? ""}
      </p>
      ${comparison(result, methodTitle)}
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
    <footer>${footer(result, trace)}</footer>`;

function tiles({ best, final, baseline, steps, seconds, stepsPerSecond, refit }: TuneResult): Html[] {
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
    tile(
      validText("Validation loss", refit !== undefined),
      formatLoss(best.valid.loss),
      against(baseline?.valid),
    ),
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
      capital(`${keptEpoch(refit !== undefined)} epoch`),
      formatEpochs(best.trial?.epoch ?? best.epoch),
      best.trial ? `of training ${best.trial.number}` : `of ${formatEpochs(final.epoch)}`,
    ),
    tile(
      "Training time",
      formatSeconds(seconds),
      `${steps.toLocaleString("en")} steps, ${formatNumber(stepsPerSecond, 3)} a second`,
    ),
  ];
}

const HELD = "Starting hyperparameters held";

function comparison({ held, best, final, baseline, linear, refit }: TuneResult, methodTitle: string): Html {
  const points: [string, ResultPoint][] = [
    [held ? (refit ? capital(heldTitle(refit)) : HELD) : `Tuned by ${methodTitle}`, best],
    ...(baseline ? [[HELD, baseline] as [string, ResultPoint]] : []),
  ];
  const metric = best.valid.metric && metricTitle(best.valid.metric.name);
  const columns = [
    "",
    capital(`${keptEpoch(refit !== undefined)} epoch`),
    validText("Validation loss", refit !== undefined),
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
    ...(refit ? [] : [[held ? "At the end" : "Tuned, at the end", final] as [string, ResultPoint]]),
    ...(linear ? [[`A ${linearName(linear, final)}`, linear] as [string, ResultPoint]] : []),
  ];
  const cells = rows.map(([name, point]) => [name, epochText(point), ...scores(point)]);
  return dataTable(columns, cells, { marksFirst: true });
}

/** What is told beside the metric, of the best point; a confusion matrix where there are classes. */
function measuresSection({ best, data, refit }: TuneResult): Html {
  const parts = [
    [validText("Validation", refit !== undefined), best.valid],
    ...(best.test ? [["Test", best.test] as const] : []),
  ] as readonly (readonly [string, ResultPoint["valid"]])[];
  const names = Object.keys(best.valid.measures ?? {});
  if (names.length === 0) return html``;
  const { confusion } = best.test ?? best.valid;
  const where = refit ? "At the end" : "At the lowest validation loss";
  const caption = confusion
    ? `${where}. Below, for each class of the ${best.test ? "test" : "validation"} part (rows), how often each class was predicted (columns).`
    : `${where}, in the target's own units.`;
  const shown = parts.map(([part, { measures }]) => [
    part,
    ...names.map((name) => formatMetric({ name, value: measures?.[name] ?? NaN })),
  ]);
  const classes = data?.classes?.map(({ name }) => name);
  return html`<section>
    <h2>Measures</h2>
    <p class="caption">${caption}</p>
    ${dataTable(["", ...names.map(metricTitle)], shown)}
    ${confusion ? confusionTable(confusion, classes) : ""}
  </section>`;
}

function confusionTable(confusion: readonly (readonly number[])[], names: readonly string[] = []): Html {
  const classes = confusion.map((_, k) => names[k] ?? String(k));
  const rows = confusion.map((row, k) => [classes[k] as string, ...row.map(String)]);
  return dataTable(["class", ...classes], rows);
}

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
      ${dataTable(
        ["Column", "Kind", "Missing", "Distinct", "Becomes"],
        shown.map(({ name, kind, missing, distinct, becomes }) => [
          ...[name, kind, String(missing), String(distinct), becomes],
        ]),
      )}
    </details>
  </section>`;
}

function footer({ network, engine, run, ended }: TuneResult, trace: readonly TracePoint[]): Html {
  const { step = 0, examples = 0 } = trace.at(-1) ?? {};
  const why = {
    epochs: "after all its epochs",
    time: "at its time limit",
    patience: "when the validation loss stopped falling",
    points: "when all points of the grid were tried",
    diverged: "when a number became infinite; the weights are those of the best epoch",
    unfit: "without a training that keeps the bounds; the weights are those of the lowest loss",
    stopped: "when it was stopped; the weights are those of the best epoch",
  };
  return html`Run folder <code>${run}</code>${network === undefined ? "" : ` · network ${network}`} · engine
    ${engine}
    ·${examples > 0 ? ` ${step.toLocaleString("en")} minibatches of ${(examples / step).toLocaleString("en")} rows ·` : ""}
    ${ended === "running" ? "still running" : `ended ${why[ended]}`}`;
}
