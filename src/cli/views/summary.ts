import type { Refit, ResultPoint, TuneResult } from "../../api/result.ts";
import type { HyperPoint } from "../../api/trace.ts";
import {
  epochText,
  formatHyper,
  formatLoss,
  formatMetric,
  formatTable,
  metricTitle,
} from "../../report/format.ts";
import { linearName } from "../../report/linear-name.ts";
import { heldTitle, keptEpoch, validText } from "../../report/refit.ts";
import { sentencesOf } from "../../report/sentences.ts";

/**
 * The tables that end a run for people.
 *
 * @param width of the terminal; the tables leave columns out where it is narrow
 */
export function describeResult(result: TuneResult, width?: number): string {
  const { best, final, baseline, linear, start, method, held, run, report } = result;
  const { network, lossUnit, refit } = result;
  const kept = keptEpoch(refit !== undefined);
  const points: [string, ResultPoint][] = [
    [held ? heldTitle(refit) : hasMoved(result) ? `tuned by ${method}` : `${method}, untuned`, best],
    ...(baseline ? [[heldTitle(undefined), baseline] as [string, ResultPoint]] : []),
    ...(linear ? [[linearName(linear, final), linear] as [string, ResultPoint]] : []),
  ];
  const metric = best.valid.metric && metricTitle(best.valid.metric.name);
  const scores = [
    [
      "",
      `${kept} epoch`,
      validText("validation loss", refit !== undefined),
      ...(metric ? [metric] : []),
      ...testHeadings(best, metric),
    ],
    ...points.map(([name, { valid, test, ...point }]) => [
      name,
      epochText(point),
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
    formatTable(scores, { width, spare: metric ? [1, 3, 5] : [1] }),
    ...measuresTable(best, refit),
    ...(lossUnit === undefined ? [] : [`  ${lossUnit}`]),
    ...(hypers.length > 0 ? [formatTable([["hyperparameter", "start", "", kept], ...hypers])] : []),
    ...sentencesOf(result).first.map((sentence) => `  ${sentence}`),
    [
      ...(network === undefined ? [] : [`  network  ${network}`]),
      ...[`  run      ${run}`, `  report   ${report}`],
    ].join("\n"),
  ];
  return `\n${sections.join("\n\n")}\n`;
}

/** Whether a hyperparameter is another at the end than at the start. */
const hasMoved = ({ start, final }: TuneResult): boolean =>
  Object.entries(final.hyperparameters).some(
    ([name, { value }]) => JSON.stringify(value) !== JSON.stringify(start.hyperparameters[name]),
  );

/** What is told beside the metric, of the best point. */
function measuresTable({ valid, test }: ResultPoint, refit: Refit | undefined): string[] {
  const names = Object.keys(valid.measures ?? {});
  if (names.length === 0) return [];
  const rows = names.map((name) => [
    metricTitle(name),
    ...[valid, ...(test ? [test] : [])].map(({ measures }) =>
      formatMetric({ name, value: measures?.[name] ?? NaN }),
    ),
  ]);
  return [
    formatTable([
      [
        `at the ${keptEpoch(refit !== undefined)} epoch`,
        validText("validation", refit !== undefined),
        ...(test ? ["test"] : []),
      ],
      ...rows,
    ]),
  ];
}

const testHeadings = ({ test }: ResultPoint, metric: string | undefined): string[] =>
  test ? ["test loss", ...(metric ? [metric] : [])] : [];
