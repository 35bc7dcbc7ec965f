import type { ResultPoint, TuneResult } from "../api/result.ts";
import type { HyperPoint, TracePoint } from "../api/trace.ts";
import { startValues } from "../space/space.ts";
import { formatHyper, formatLoss, formatMetric, formatTable, meanOf, metricTitle } from "./format.ts";
import type { Job } from "./job.ts";
import type { Ended } from "./record.ts";
import type { NamedTask } from "./registry.ts";
import { trainingsOf } from "./report/trainings.ts";
import { runFolder, type RunFolder } from "./run-folder/run-folder.ts";

/** The result of a finished run as `--json` prints it. */
export function resultOf(
  { config, named, engine }: Job,
  folder: RunFolder,
  trace: readonly TracePoint[],
  tuned: Ended,
  baseline: Ended | undefined,
): TuneResult {
  const { step: steps, seconds } = tuned.final;
  const trainings = trainingsOf(trace).length;
  return {
    run: folder.path,
    method: config.method,
    engine: engine.name,
    seed: config.seed,
    steps,
    seconds,
    stepsPerSecond: steps / seconds,
    ended: tuned.reason as TuneResult["ended"], // an interrupted run has no result
    ...(trainings > 0 && { trainings }),
    start: { hyperparameters: startOf(named, trace) },
    best: pointOf(tuned.best),
    final: pointOf(tuned.final),
    ...(baseline && { baseline: { run: runFolder(folder.baseline).path, ...pointOf(baseline.best) } }),
    report: runFolder(folder.path).report,
    warnings: named.warnings,
  };
}

/** Where the hyperparameters started: a search says where it would have, had it not looked elsewhere. */
function startOf(
  { task }: NamedTask,
  [first]: readonly TracePoint[],
): TuneResult["start"]["hyperparameters"] {
  if (!first || first.trial) return startValues(task.problem.space);
  return mapValues(first.hyperparameters, ({ value }) => value);
}

/** What `hyperparameters.json` holds: the values to use, and how they came about. */
export function scheduleOf(trace: readonly TracePoint[], best: TracePoint, final: TracePoint): object {
  const at = ({ epoch, step, hyperparameters }: TracePoint) => ({ epoch, step, hyperparameters });
  return {
    best: at(best),
    final: at(final),
    schedule: trace.map((point) => ({
      ...at(point),
      hyperparameters: mapValues(point.hyperparameters, summarized),
    })),
  };
}

/** The tables that end a run for people. */
export function describeResult(result: TuneResult): string {
  const { best, baseline, start, method, run, report } = result;
  const points: [string, ResultPoint][] = [
    [method === "fixed" ? "start held fixed" : `tuned by ${method}`, best],
    ...(baseline ? [["start held fixed", baseline] as [string, ResultPoint]] : []),
  ];
  const metric = best.valid.metric && metricTitle(best.valid.metric.name);
  const scores = [
    ["", "best epoch", "validation loss", ...(metric ? [metric] : []), ...testHeadings(best, metric)],
    ...points.map(([name, { epoch, valid, test }]) => [
      name,
      String(Math.round(epoch * 100) / 100),
      ...[valid, ...(test ? [test] : [])].flatMap((score) => [
        formatLoss(score.loss),
        ...(score.metric ? [formatMetric(score.metric)] : []),
      ]),
    ]),
  ];
  const hypers = Object.entries(best.hyperparameters).map(([name, point]) => [
    name,
    formatHyper({ value: start.hyperparameters[name] as HyperPoint["value"] }),
    "→",
    formatHyper(point),
  ]);
  const sections = [
    formatTable(scores),
    ...(hypers.length > 0 ? [formatTable([["hyperparameter", "start", "", "best"], ...hypers])] : []),
    `  run      ${run}\n  report   ${report}`,
  ];
  return `\n${sections.join("\n\n")}\n`;
}

const testHeadings = ({ test }: ResultPoint, metric: string | undefined): string[] =>
  test ? ["test loss", ...(metric ? [metric] : [])] : [];

const pointOf = ({ epoch, train, valid, test, hyperparameters }: TracePoint): ResultPoint => ({
  epoch,
  ...(train && { train }),
  valid,
  ...(test && { test }),
  hyperparameters: mapValues(hyperparameters, ({ value, scale = null }) => ({ value, scale })),
});

/** A hyperparameter with many elements by their mean and their quantiles: the points themselves are in metrics.jsonl. */
function summarized(point: HyperPoint): object {
  const { value, scale, band } = point;
  if (typeof value !== "object") return point;
  return {
    elements: value.length,
    mean: meanOf(value),
    quantiles: quantilesOf(value),
    ...(Array.isArray(scale) && { meanScale: meanOf(scale as readonly number[]) }),
    ...(band && { band }),
  };
}

/** The 10 %, 50 % and 90 % quantiles of a list of numbers. */
export function quantilesOf(values: readonly number[]): { q10: number; q50: number; q90: number } {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] as number;
  return { q10: at(0.1), q50: at(0.5), q90: at(0.9) };
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
