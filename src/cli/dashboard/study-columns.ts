import type { WireColumn, WireTable } from "../../api/columns.ts";
import { bestOf, keepsBounds, leastLoss, measuresOf, type Goals } from "../../search/goals.ts";
import { isOfCurve } from "../../search/measures.ts";
import type { Hyper, SpaceHypers, HyperValues } from "../../space/space.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { hyperLabels } from "../study/hyper-labels.ts";

/** What a table of trials says of its study. */
export interface StudyNote {
  readonly name: string;
  readonly state: string;
  /** Where the table stands: asked for with it, the next one has only what changed. */
  readonly version: number;
  /** What the version counts in: another server, or a study begun anew, starts from the first. */
  readonly count: string;
  /** Whether there are more trials, that the next table has. */
  readonly more: boolean;
  /** What the study follows. */
  readonly goals: Goals;
  /** What losses are in, where that is not plain. */
  readonly lossUnit?: string;
}

/** The states of trials, in the order in which a table counts them. */
export const trialStates = ["waiting", "running", "paused", "complete", "failed"] as const;

const FAILED = trialStates.indexOf("failed");

/** Whether trials keep their study's bounds, as a table counts it; nothing is known of a trial without a loss. */
export const boundStates = ["", "kept", "broken"] as const;

/**
 * Trials as a table: number, state, lowest loss, epochs, attempt, a column for each hyperparameter by its label, lists by their means, and
 * for each other measure that the study follows; where it has bounds, whether they are kept.
 */
export function trialTable<Note>(
  note: Note,
  space: SpaceHypers,
  trials: readonly TrialRecord[],
  goals: Goals = leastLoss,
): WireTable<Note> {
  const rows = trials.length;
  const followed = measuresOf(goals).filter((name) => !isOfCurve(name));
  const labels = hyperLabels(Object.keys(space), followed);
  const column = (of: (trial: TrialRecord) => number) => trials.map(of);
  return {
    ...{ note, rows },
    columns: [
      { name: "trial", values: Uint32Array.from(column(({ number }) => number)) },
      {
        name: "state",
        values: Uint8Array.from(column(({ state }) => trialStates.indexOf(state))),
        options: trialStates,
      },
      { name: "loss", values: Float64Array.from(column(lowest)) },
      { name: "epochs", values: Float32Array.from(column(({ curve }) => curve.at(-1)?.budget ?? 0)) },
      { name: "attempt", values: Uint32Array.from(column(({ attempt }) => attempt)) },
      ...Object.entries(space).map(([name, hyper]) => ({
        ...{ name: labels.get(name) as string, hyper: true },
        ...hyperColumn(name, hyper, trials),
      })),
      ...followed.map((name) => ({
        ...{ name, measure: true },
        values: Float64Array.from(column(({ measures = {} }) => measures[name] ?? NaN)),
      })),
      ...(goals.bounds.length > 0 ? [boundsColumn(trials, goals)] : []),
    ],
  };
}

const boundsColumn = (trials: readonly TrialRecord[], goals: Goals): WireColumn => ({
  ...{ name: "bounds", options: boundStates },
  values: Uint8Array.from(trials, ({ curve, measures = {} }) =>
    curve.length === 0 ? 0 : keepsBounds(measures, goals) ? 1 : 2,
  ),
});

/** Whether the trial of a row may be its study's best or on its front: it did not fail, and keeps the bounds as far as is known. */
export function countsIn(columns: readonly WireColumn[]): (row: number) => boolean {
  const bounds = columns.find(({ name, options }) => name === "bounds" && options)?.values;
  const failed = failedIn(columns);
  return (row) => !failed(row) && (bounds === undefined || bounds[row] === 1);
}

/** Whether the trial of a row failed. */
export function failedIn(columns: readonly WireColumn[]): (row: number) => boolean {
  const states = columns.find(({ name, options }) => name === "state" && options)?.values;
  return (row) => states?.[row] === FAILED;
}

/** The row of a study's best trial among some rows; nothing where none of them that did not fail has a loss within the bounds. */
export function bestRow(columns: readonly WireColumn[], rows: Iterable<number>): number | undefined {
  const losses = columns.find(({ name }) => name === "loss")?.values ?? [];
  return bestOf(rows, (row) => losses[row] ?? NaN, countsIn(columns));
}

function hyperColumn(
  name: string,
  hyper: Hyper,
  trials: readonly TrialRecord[],
): Pick<WireColumn, "values" | "options" | "log"> {
  const values = new Float64Array(trials.length); // `from` takes four times as long; a float32 has not all integers
  trials.forEach((trial, i) => (values[i] = numberOf(hyper, trial.values[name])));
  return hyper.kind === "choice"
    ? { values, options: hyper.options.map(String) }
    : { values, log: hyper.log };
}

/** NaN for what a trial does not have. */
function numberOf(hyper: Hyper, value: HyperValues[string] | undefined): number {
  if (value === undefined) return NaN;
  if (hyper.kind === "choice") return hyper.options.indexOf(value as never);
  if (typeof value === "object") return value.reduce((sum, x) => sum + x, 0) / value.length;
  return Number(value);
}

/** NaN before the first. */
function lowest({ curve }: TrialRecord): number {
  let least = NaN;
  for (const { loss } of curve) if (!(loss >= least)) least = loss;
  return least;
}
