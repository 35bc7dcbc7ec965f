import type { Goals, TrialMeasures } from "../../search/goals.ts";
import type { Hyper, SpaceHypers, HyperValues } from "../../space/space.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { leastOf } from "../../util/statistics.ts";

/** Operations of Optuna's journal. */
const CREATE_STUDY = 0;
const CREATE_TRIAL = 4;

/** Optuna's numbers for directions. */
const [MINIMIZE, MAXIMIZE] = [1, 2];

/** Optuna's numbers for the states of trials. */
const optunaStates = { running: 0, complete: 1, pruned: 2, fail: 3 } as const;

/**
 * A study as a journal file of Optuna 3.1 and later, one JSON document a line: `JournalStorage(JournalFileStorage(FILE))` loads it and goes
 * on. Trials that ended are complete, those that a scheduler left are pruned; each has its losses by epoch as intermediate values.
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
  const directions = goals.objectives.map(({ largest }) => (largest ? MAXIMIZE : MINIMIZE));

  const worker = { worker_id: "hypertrain" };
  const lines = [
    { op_code: CREATE_STUDY, ...worker, study_name: study, directions },
    ...trials.map((trial) => ({
      op_code: CREATE_TRIAL,
      ...worker,
      study_id: 0,
      ...trialOf(trial, space, goals),
    })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Optuna asks for times, which trials do not have: all are of the epoch. */
const TIME = "1970-01-01T00:00:00.000000";

function trialOf({ values, state, curve, measures }: TrialRecord, space: SpaceHypers, goals: Goals): object {
  const named = Object.entries(space).filter(([name]) => known(values, name));
  const ended = state === "complete" || state === "paused" || state === "failed";
  const losses = curve.map(({ budget, loss }) => [String(Math.round(budget)), loss] as const);
  const reached = measures ?? { loss: leastOf(curve.map(({ loss }) => loss)) };
  const costs = goals.objectives.map(({ name }) => reached[name] ?? NaN);
  const outcome =
    state === "failed" || (ended && (curve.length === 0 || costs.some(Number.isNaN)))
      ? optunaStates.fail
      : state === "complete"
        ? optunaStates.complete
        : state === "paused"
          ? optunaStates.pruned
          : optunaStates.running;
  return {
    datetime_start: TIME,
    ...(ended && { datetime_complete: TIME }),
    state: outcome,
    ...((outcome === optunaStates.complete || outcome === optunaStates.pruned) && {
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
