import { useMemo, useState } from "preact/hooks";

import type { RunDocument } from "../../src/api/run-document.ts";
import type { HyperPoint, TracePoint } from "../../src/api/trace.ts";
import { formatHyper } from "../../src/report/format.ts";
import { validText } from "../../src/report/refit.ts";
import { runHead, runTables } from "../../src/report/run-markup.ts";
import type { RunPage } from "../../src/report/run-page.ts";
import { keptPoint } from "../../src/tuners/best.ts";
import { leastOf, meanOf, mostOf } from "../../src/util/statistics.ts";
import { Chart, type Series } from "../chart.tsx";
import { traceRows } from "../csv.ts";
import { unitOf } from "../run-unit.ts";
import { shortNumber } from "../study-data.ts";
import { trainingsOf } from "../trainings.ts";
import { Markup } from "./markup.tsx";
import { Check, Legend, Units } from "./parts.tsx";
import { Save } from "./save.tsx";
import { SearchCharts } from "./search.tsx";

/** A run: what it says of itself around its charts; one that trained again and again is drawn as a search. */
export function RunView({ page }: { page: RunPage }) {
  const { run, trace, baseline, document, missing } = page;
  const trainings = useMemo(() => trainingsOf(trace), [trace]);
  const parts = useMemo(
    () => document && { head: runHead(run, document), tables: runTables(document, page) },
    [document, page],
  );
  return (
    <>
      {parts ? <Markup html={parts.head} /> : <Head page={page} trainings={trainings.length} />}
      {missing !== undefined && <p class="caption">{missing}</p>}
      {trainings.length > 0 ? (
        <SearchCharts page={page} trainings={trainings} />
      ) : (
        <RunCharts page={page} document={document} />
      )}
      <Save name={run} rows={() => traceRows(trace, baseline)} />
      {parts && <Markup html={parts.tables} />}
    </>
  );
}

/** The top of a run that says nothing of itself. */
function Head({ page, trainings }: { page: RunPage; trainings: number }) {
  const { run, trace, refitted } = page;
  const isRefit = refitted !== undefined;
  const best = keptPoint(trace, isRefit);
  return (
    <>
      <p class="eyebrow">
        <a href="#/">hypertrain</a> / run
      </p>
      <h1>{run}</h1>
      {best && (
        <p class="lead">
          {trainings > 0 && `${trainings} ${trainings === 1 ? "training" : "trainings"}. `}
          {isRefit && `A refit of ${refitted}. `}
          {validText("Validation loss", isRefit)} <strong>{shortNumber(best.valid.loss)}</strong>{" "}
          {best.trial
            ? `by training ${best.trial.number} at its epoch ${shortNumber(best.trial.epoch)}`
            : `at epoch ${shortNumber(best.epoch)}`}
          {best.test && `, test loss ${shortNumber(best.test.loss)} there`}.
        </p>
      )}
      <Units of={[{ name: run, lossUnit: unitOf(page) }]} />
    </>
  );
}

/** Losses beside those of the fixed start, and the hyperparameters over time with their bands. */
function RunCharts({ page, document }: { page: RunPage; document: RunDocument | undefined }) {
  const { trace, baseline } = page;
  const isRefit = page.refitted !== undefined;
  const best = document?.result.best.epoch ?? keptPoint(trace, isRefit)?.epoch;
  const losses = useMemo(() => lossSeries(page, best), [page, best]);
  const names = Object.keys(trace.at(-1)?.hyperparameters ?? {});
  const hasMany = Object.values(document?.result.start.hyperparameters ?? {}).some(Array.isArray);
  const [log, setLog] = useState(true);
  const [logHypers, setLogHypers] = useState(true);
  return (
    <>
      <section>
        <h2>Loss</h2>
        <p class="caption">
          Mean loss after each epoch; training with dropout on and without penalties. The ring marks{" "}
          {isRefit ? "the end" : "the lowest validation loss"}, whose weights are kept.
          {baseline.length > 0 &&
            " The dashed line is the validation loss with the starting hyperparameters held."}{" "}
          {document?.result.lossUnit}
        </p>
        <p class="tools-inline">
          <Check label="log loss" is={log} set={setLog} />
        </p>
        <Legend series={losses} />
        <Chart
          about="losses over epochs"
          series={losses}
          x={{ label: "epoch", whole: true }}
          y={{ label: "loss", log, clip: !log }}
          height={300}
          together
        />
      </section>
      {names.length > 0 && (
        <section>
          <h2>Hyperparameters</h2>
          <p class="caption">
            Their course, with one standard deviation of the perturbations to both sides
            {hasMany && "; of many elements the mean, between the 10 % and the 90 % quantile"}. The dotted
            line is the start, the ring the {isRefit ? "end" : "best epoch"}.
          </p>
          {document?.logarithmic.length !== 0 && (
            <p class="tools-inline">
              <Check label="log hyperparameters" is={logHypers} set={setLogHypers} />
            </p>
          )}
          <div class="cards">
            {names.map((name) => (
              <Course key={name} name={name} page={page} best={best} log={logHypers} />
            ))}
          </div>
        </section>
      )}
    </>
  );
}

function lossSeries({ trace, baseline, refitted }: RunPage, best: number | undefined): readonly Series[] {
  const line = <Point extends RunPage["baseline"][number]>(
    from: readonly Point[],
    [name, color, dash]: readonly [string, string, boolean],
    of: (point: Point) => number | undefined,
  ): readonly Series[] => {
    const y = from.map((point) => of(point) ?? NaN);
    const none = y.every(Number.isNaN);
    return none ? [] : [{ kind: "line", name, color, width: 2, dash, x: from.map(({ epoch }) => epoch), y }];
  };
  return [
    ...line(trace, ["training", "train", false], ({ train }) => train?.loss),
    ...line(trace, ["test", "test", false], ({ test }) => test?.loss),
    ...line(baseline, ["validation, held at the start", "fixed", true], ({ valid }) => valid.loss),
    ...line(
      trace,
      [validText("validation", refitted !== undefined), "valid", false],
      ({ valid }) => valid.loss,
    ),
    ...ring(trace, best, ({ valid }) => valid.loss),
  ];
}

/** A ring at the best epoch. */
function ring(
  trace: readonly TracePoint[],
  best: number | undefined,
  of: (point: TracePoint) => number,
): readonly Series[] {
  const point = trace.find(({ epoch }) => epoch === best);
  return point ? [{ kind: "ring", color: "valid", x: [point.epoch], y: [of(point)] }] : [];
}

interface CourseProps {
  readonly name: string;
  readonly page: RunPage;
  readonly best: number | undefined;
  readonly log: boolean;
}

/** A hyperparameter over the epochs; of a choice only what was chosen. */
function Course({ name, page, best, log }: CourseProps) {
  const { series, isLog, caption } = useMemo(() => courseOf(name, page, best), [name, page, best]);
  return (
    <figure>
      <figcaption>
        <b>{name}</b> <span>{caption}</span>
      </figcaption>
      {series.length > 0 && (
        <Chart
          about={`${name} over epochs`}
          series={series}
          x={{ label: "epoch", whole: true }}
          y={{ label: "value", log: log && isLog }}
          height={170}
        />
      )}
    </figure>
  );
}

function courseOf(name: string, { trace, document }: RunPage, best: number | undefined) {
  const found = trace.flatMap(({ epoch, hyperparameters }) => {
    const point = hyperparameters[name];
    return point && typeof point.value === "number" ? [{ epoch, value: point.value, band: point.band }] : [];
  });
  const x = found.map(({ epoch }) => epoch);
  const banded = found.filter(({ band }) => band !== undefined);
  const all = found.flatMap(({ value, band }) => [value, ...(band ?? [])]);
  const isLog =
    document?.logarithmic.includes(name) ??
    (all.every((value) => value > 0) && mostOf(all) > 10 * leastOf(all));
  const from = document?.result.start.hyperparameters[name];
  const start = typeof from === "object" ? meanOf(from) : from;
  const series: readonly Series[] = [
    {
      ...{ kind: "band", color: "band", alpha: 0.8, x: banded.map(({ epoch }) => epoch) },
      ...{ y: banded.map(({ band }) => band?.[0] ?? NaN), y2: banded.map(({ band }) => band?.[1] ?? NaN) },
    },
    ...(typeof start === "number" && x.length > 1
      ? [
          {
            ...({ kind: "line", color: "faint", width: 1, dash: true } as const),
            ...{ x: [x[0] as number, x.at(-1) as number], y: [start, start] },
          },
        ]
      : []),
    { kind: "line", color: "valid", width: 2, name, x, y: found.map(({ value }) => value) },
    ...ring(trace, best, ({ hyperparameters }) => Number(hyperparameters[name]?.value)),
  ];
  const caption = captionOf(
    from,
    document?.result.best.hyperparameters[name] ?? trace.at(-1)?.hyperparameters[name],
  );
  return { series: found.length > 0 ? series : [], isLog, caption };
}

/** The value now, or from the start to the best epoch. */
const captionOf = (
  from: HyperPoint["value"] | undefined,
  point: Pick<HyperPoint, "value"> | undefined,
): string =>
  [
    ...(from === undefined ? [] : [formatHyper({ value: from })]),
    ...(point ? [formatHyper(point)] : []),
  ].join(" → ");
