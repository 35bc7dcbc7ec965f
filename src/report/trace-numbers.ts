import type { HyperPoint, TracePoint } from "../api/trace.ts";
import { meanOf } from "../util/statistics.ts";
import type { NumberTable } from "./page.ts";

/** More rows than these are thinned; all points are in metrics.jsonl. */
const MOST_ROWS = 1000;

/** What a run measured, a row for each evaluation: the losses, the metric and the hyperparameters. */
export function traceNumbers(trace: readonly TracePoint[], baseline: readonly TracePoint[]): NumberTable {
  const names = Object.keys(trace[0]?.hyperparameters ?? {});
  const isSearch = trace.some(({ trial }) => trial);
  const fixedAt = new Map(baseline.map(({ epoch, valid }) => [epoch, valid.loss]));
  const metric = trace[0]?.valid.metric?.name;
  let best = Infinity;
  const rows = trace.map(({ epoch, trial, train, valid, test, hyperparameters }) => {
    best = Math.min(best, valid.loss);
    return [
      epoch,
      ...(isSearch ? [trial ? trial.number + 1 : null] : []),
      train?.loss ?? null,
      valid.loss,
      ...(isSearch ? [best] : []),
      test?.loss ?? null,
      ...(metric === undefined ? [] : [valid.metric?.value ?? null, test?.metric?.value ?? null]),
      fixedAt.get(epoch) ?? null,
      ...names.map((name) => plain(hyperparameters[name])),
    ];
  });
  const stride = Math.ceil(rows.length / MOST_ROWS);
  return {
    columns: [
      "epoch",
      ...(isSearch ? ["which training"] : []),
      "training",
      "validation",
      ...(isSearch ? ["best so far"] : []),
      "test",
      ...(metric === undefined ? [] : [`validation ${metric}`, `test ${metric}`]),
      "fixed start",
      ...names,
    ],
    rows: rows.filter((_, i) => i % stride === 0 || i === rows.length - 1),
  };
}

/** A hyperparameter's value; of one with many elements, their mean. */
function plain(point: HyperPoint | undefined): number | string | boolean | null {
  const value = point?.value ?? null;
  return typeof value === "object" && value !== null ? meanOf(value) : value;
}
