import { formatDigits, formatHyper, formatTable, formatValue } from "../../report/format.ts";
import { unitSentences } from "../../report/loss-unit.ts";
import { isOfCurve } from "../../search/measures.ts";
import type { HyperValues } from "../../space/space.ts";
import { csvText } from "../../util/csv-text.ts";
import { oneLine } from "../../util/text.ts";
import { hyperLabels } from "./hyper-labels.ts";
import { hyperNames } from "./measured-trials.ts";
import { bestTrial, endsOf, failuresOf, type StudySummary, type TrialSummary } from "./study-summary.ts";
import { count } from "../../util/words.ts";

/** The studies of a store as a table. */
export function describeStudies(studies: readonly StudySummary[]): string {
  const rows = studies.map(({ name, state, trials }) => {
    const early = trials.filter(state === "done" ? isPaused : isPruned).length;
    return [
      ...[name, state, String(trials.length), String(trials.filter(isComplete).length)],
      state === "done" || early > 0 ? String(early) : "",
      String(trials.filter(isFailed).length),
      lossText(bestTrial(trials)?.best),
    ];
  });
  const heading = ["study", "state", "trials", "to the end", "stopped early", "failed", "best loss"];
  return `${formatTable([heading, ...rows])}\n${unitSentences(studies).map(unitLine).join("")}`;
}

/** A study and its best trials as a table. */
export function describeStudy({ name, state, lossUnit, trials }: StudySummary): string {
  const best = bestTrial(trials);
  const names = hyperNames(trials);
  const ended = trials.filter((trial) => isDone(trial) || isPruned(trial)).length;
  const allEnded = state === "done" || (ended === trials.length && trials.some(isPruned));
  const failures = failuresOf(trials);
  const soFar = `${count(trials.length, "trial")}, ${ended} done${failures === undefined ? "" : ` (${failures})`}`;
  const head = `${name}: ${state}, ${allEnded ? endsOf(trials) : soFar}${best ? `, best ${lossText(best.best)} by trial ${best.number}` : ""}\n\n`;
  const shown = [...trials].sort((a, b) => rankOf(a) - rankOf(b) || lossOf(a) - lossOf(b)).slice(0, SHOWN);
  const rows = shown.map((trial) => [
    ...[
      String(trial.number),
      trial.beyond ? `${trial.state}, out of bounds` : trial.state,
      lossText(trial.best),
      String(Math.round(trial.epochs * 100) / 100),
    ],
    ...names.map((one) => valueText(trial.values[one])),
  ]);
  const left = trials.length - shown.length;
  const heading = [
    "trial",
    "state",
    "best loss",
    "epochs",
    ...hyperLabels(names, measureNames(trials)).values(),
  ];
  return `${head}${formatTable([heading, ...rows])}\n${left > 0 ? `… and ${left} more; --json has all\n` : ""}${unitLine(lossUnit)}${reasonsOf(trials)}`;
}

/** Why trials failed: a line for each reason, with the first trial that has it. */
function reasonsOf(trials: StudySummary["trials"]): string {
  const first = new Map<string, number>();
  for (const { number, state, reason } of trials)
    if (state === "failed" && reason !== undefined && !first.has(reason)) first.set(reason, number);
  const lines = [...first]
    .slice(0, REASONS)
    .map(([reason, number]) => `trial ${number} failed: ${oneLine(reason, 200)}\n`);
  const left = first.size - lines.length;
  return `${lines.length > 0 ? "\n" : ""}${lines.join("")}${left > 0 ? `… and ${left} other ${left === 1 ? "reason" : "reasons"}; --json has all\n` : ""}`;
}

/** One row a trial: its measures, if it has some beside loss and epochs, then its hyperparameters, those with many elements as JSON. */
export function studyCsv({ trials }: StudySummary): string {
  const names = hyperNames(trials);
  const measured = measureNames(trials);
  const labels = hyperLabels(names, measured).values();
  const header = ["number", "state", "best", "epochs", "attempt", ...measured, ...labels];
  const rows = trials.map(({ number, state, best, epochs, attempt, measures = {}, values }) => [
    ...[number, state, best ?? "", epochs, attempt],
    ...measured.map((name) => measures[name] ?? ""),
    ...names.map((name) => values[name] ?? ""),
  ]);
  return csvText([header, ...rows]);
}

/** What trials measured beside loss and epochs. */
const measureNames = (trials: StudySummary["trials"]): readonly string[] =>
  [...new Set(trials.flatMap(({ measures = {} }) => Object.keys(measures)))].filter(
    (name) => !isOfCurve(name),
  );

/** Trials that may be the best come first, then those out of bounds, then those that failed. */
const rankOf = (trial: TrialSummary): number => (isFailed(trial) ? 2 : trial.beyond ? 1 : 0);

const lossOf = ({ best }: TrialSummary): number => best ?? Number.MAX_VALUE;

/** The most trials that a table for people has. */
const SHOWN = 20;

/** The most reasons for failures below it. */
const REASONS = 3;

const isComplete = ({ state }: TrialSummary): boolean => state === "complete";

const isPaused = ({ state }: TrialSummary): boolean => state === "paused";

const isFailed = ({ state }: TrialSummary): boolean => state === "failed";

/** Whether it was stopped early where it was imported from, and is not to go on here. */
const isPruned = (trial: TrialSummary): boolean => isPaused(trial) && trial.reason !== undefined;

const isDone = ({ state }: TrialSummary): boolean => state === "complete" || state === "failed";

/** A loss in a table; empty where there is none. */
export const lossText = (loss: number | null | undefined): string =>
  loss === null || loss === undefined ? "" : formatDigits(loss);

/** A measure in a table, whole numbers in full; empty where there is none. */
export const measureText = (name: string, value: number | null | undefined): string =>
  name !== "loss" && Number.isInteger(value) ? formatValue(value) : lossText(value);

/** What losses are in, below a table; nothing where that is plain. */
export const unitLine = (lossUnit: string | undefined): string =>
  lossUnit === undefined ? "" : `  ${lossUnit}\n`;

/** A value in a table. */
export const valueText = (value: HyperValues[string] | undefined): string =>
  value === undefined ? "" : typeof value === "object" ? `${value.length} values` : formatHyper({ value }, 4);
