import type { TuneResult } from "../api/result.ts";
import type { HyperPoint, TracePoint } from "../api/trace.ts";
import type { Space } from "../space/space.ts";
import { formatHyper } from "./format.ts";
import { html, type Html } from "./html.ts";
import { hyperChart, lossChart, lossColumns, lossScaleOf, type HyperAt } from "./charts.ts";
import { chart, download, renderPage, scaleChoice, type Drawn } from "./page.ts";
import { runDocumentOf, type DocumentInput } from "./run-document.ts";
import { runLead, runNotes, runTables } from "./run-markup.ts";
import { traceNumbers } from "./trace-numbers.ts";
import { meanOf } from "../util/statistics.ts";

/** What a report tells of. */
export interface ReportInput extends DocumentInput {
  /** What the run was configured with, which the page shows. */
  readonly config: object;
  readonly trace: readonly TracePoint[];
  /** The baseline's trace points; none if it was not run. */
  readonly baseline: readonly TracePoint[];
  /** Of a run that goes on: seconds after which the page loads itself anew. */
  readonly refresh?: number;
}

/** A page about a run, finished or under way: one file, whose plots are drawn already. */
export async function renderReport(input: ReportInput): Promise<string> {
  const { result, config, title, trace, baseline, refresh } = input;
  const document = runDocumentOf(input);
  const { methodTitle } = document;
  return renderPage({
    title: `${title} · ${methodTitle} · hypertrain`,
    eyebrow: [methodTitle, `seed ${result.seed}`],
    heading: title,
    lead: runLead(document),
    body: [
      runNotes(document),
      await lossSection(input),
      await hyperSection(input),
      runTables(document, { config, trace }),
    ],
    numbers: { [TRACE]: traceNumbers(trace, baseline) },
    ...(refresh !== undefined && { refresh }),
  });
}

/** What the page calls the numbers behind its charts. */
const TRACE = "trace";

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
