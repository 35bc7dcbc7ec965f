import type { WireColumn, WireTable } from "../../api/columns.ts";
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
}

/** The states of trials, in the order in which a table counts them. */
export const trialStates = ["waiting", "running", "paused", "complete", "failed"] as const;

/** Trials as a table: number, state, lowest loss, epochs, attempt, and a column for each hyperparameter by its label, lists by their means. */
export function trialTable<Note>(
  note: Note,
  space: SpaceHypers,
  trials: readonly TrialRecord[],
): WireTable<Note> {
  const rows = trials.length;
  const labels = hyperLabels(Object.keys(space));
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
    ],
  };
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
