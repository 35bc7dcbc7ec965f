import type { Goals, TrialMeasures } from "../../search/goals.ts";
import type { Hyper, SpaceHypers, HyperValues } from "../../space/space.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { leastOf } from "../../util/statistics.ts";
import { directions, operations, trialStates } from "./optuna-format.ts";

/**
 * A study as a journal file of Optuna 3.1 and later, one JSON document a line: `JournalStorage(JournalFileStorage(FILE))` loads it and goes
 * on. Trials that ended are complete, those that a scheduler left are pruned; each has its losses by epoch as intermediate values, by tenths of
 * one or less where whole ones would not tell them apart.
 *
 * Objectives become the study's directions and values, bounds the constraints that Optuna's samplers read; Optuna has no intermediate values
 * beside several objectives.
 *
 * Lists, which Optuna has no distribution for, are left out, and with them the hyperparameters that are one a weight.
 */
export function optunaJournal(
  study: string,
  space: SpaceHypers,
  trials: readonly TrialRecord[],
  goals: Goals,
): string {
  const aims = goals.objectives.map(({ largest }) => directions.indexOf(largest ? "maximize" : "minimize"));
  const scale = scaleOf(trials);

  const worker = { worker_id: "hypertrain" };
  const lines = [
    { op_code: operations.createStudy, ...worker, study_name: study, directions: aims },
    ...trials.map((trial) => ({
      op_code: operations.createTrial,
      ...worker,
      study_id: 0,
      ...trialOf(trial, space, goals, scale),
    })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Optuna asks for times, which trials do not have: all are of the epoch. */
const TIME = "1970-01-01T00:00:00.000000";

/**
 * Steps of an intermediate value, which Optuna counts in whole numbers, to a unit of budget: the least power of ten by which no two
 * evaluations of a trial are of the same step.
 */
function scaleOf(trials: readonly TrialRecord[]): number {
  const tellsApart = (scale: number) =>
    trials.every(
      ({ curve }) => new Set(curve.map(({ budget }) => Math.round(budget * scale))).size === curve.length,
    );
  return SCALES.find(tellsApart) ?? (SCALES.at(-1) as number);
}

const SCALES = [1, 10, 100, 1e3, 1e4, 1e5, 1e6] as const;

function trialOf(
  { values, state, curve, measures }: TrialRecord,
  space: SpaceHypers,
  goals: Goals,
  scale: number,
): object {
  const named = Object.entries(space).filter(([name]) => known(values, name));
  const ended = state === "complete" || state === "paused" || state === "failed";
  const losses = curve.map(({ budget, loss }) => [String(Math.round(budget * scale)), loss] as const);
  const reached = measures ?? { loss: leastOf(curve.map(({ loss }) => loss)) };
  const costs = goals.objectives.map(({ name }) => reached[name] ?? NaN);
  const isLost = ended && (curve.length === 0 || costs.some(Number.isNaN));
  const outcome =
    state === "failed" || isLost
      ? "fail"
      : state === "complete"
        ? "complete"
        : state === "paused"
          ? "pruned"
          : "running";
  return {
    datetime_start: TIME,
    ...(ended && { datetime_complete: TIME }),
    state: trialStates.indexOf(outcome),
    ...((outcome === "complete" || outcome === "pruned") && {
      ...(costs.length > 1 ? { value: null, values: costs } : { value: costs[0] }),
    }),
    params: Object.fromEntries(named.map(([name, hyper]) => [name, internal(hyper, values[name])])),
    distributions: Object.fromEntries(
      named.map(([name, hyper]) => [name, JSON.stringify(distributionOf(hyper))]),
    ),
    intermediate_values: costs.length > 1 ? {} : Object.fromEntries(losses),
    user_attrs: {},
    system_attrs: goals.bounds.length > 0 ? { constraints: excessesOf(reached, goals.bounds) } : {},
  };
}

/** How far each bound is broken, negative where it is kept: Optuna's constraints. */
const excessesOf = (measures: TrialMeasures, bounds: Goals["bounds"]): readonly number[] =>
  bounds.map(({ name, most, value }) => (most ? 1 : -1) * ((measures[name] ?? NaN) - value));

const known = (values: Readonly<HyperValues>, name: string): boolean =>
  values[name] !== undefined && typeof values[name] !== "object";

/** Choices by their index. */
const internal = (hyper: Hyper, value: HyperValues[string] | undefined): number =>
  hyper.kind === "choice" ? hyper.options.indexOf(value as never) : Number(value);

function distributionOf(hyper: Hyper): object {
  if (hyper.kind === "choice")
    return { name: "CategoricalDistribution", attributes: { choices: hyper.options } };
  const { low, high } = hyper;
  return hyper.kind === "integer"
    ? { name: "IntDistribution", attributes: { log: hyper.log, step: 1, low, high } }
    : { name: "FloatDistribution", attributes: { step: null, low, high, log: hyper.log } };
}
