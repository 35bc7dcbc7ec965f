import type { FrontTraining } from "../api/result.ts";
import type { TracePoint } from "../api/trace.ts";
import { frontOf, type Goals } from "../search/goals.ts";
import { mapValues } from "../util/record.ts";
import { formatValue } from "./format.ts";

/** The trainings of a search that no other is better than in all of its objectives; nothing of a run without several. */
export function frontOfTrace(
  trace: readonly TracePoint[],
  goals: Goals | undefined,
): readonly FrontTraining[] | undefined {
  if (!goals || goals.objectives.length < 2) return undefined;
  const last = new Map(
    trace.flatMap((point) => (point.trial?.measures ? [[point.trial.number, point] as const] : [])),
  );
  if (last.size === 0) return undefined;
  const front = frontOf([...last.values()], ({ trial }) => trial?.measures ?? {}, goals);
  return front.map(({ trial, hyperparameters }) => ({
    trial: trial?.number ?? 0,
    objectives: Object.fromEntries(
      goals.objectives.map(({ name }) => [name, trial?.measures?.[name] ?? NaN]),
    ),
    hyperparameters: mapValues(hyperparameters, ({ value }) => value),
  }));
}

/** Trainings that a sentence names. */
const NAMED = 8;

/** The front in a sentence. */
export function frontSentence(
  front: readonly FrontTraining[],
  trainings: number,
  { bounds }: Pick<Goals, "bounds">,
): string {
  const named = front.slice(0, NAMED).map(({ trial, objectives }) => {
    const values = Object.entries(objectives).map(([name, value]) => `${name} ${formatValue(value)}`);
    return `training ${trial} (${values.join(", ")})`;
  });
  const others = front.length > NAMED ? ` and ${front.length - NAMED} more` : "";
  const objectives = Object.keys(front[0]?.objectives ?? {}).join(", ");
  return `The front of ${objectives} has ${front.length} of ${trainings} trainings: ${named.join("; ")}${others}. The network that is kept has the lowest loss ${bounds.length > 0 ? "within the bounds" : "of all"}.`;
}
