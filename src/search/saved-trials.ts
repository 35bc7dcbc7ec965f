/*
 * What a search goes on from: trials that were saved, and values that were enqueued.
 */
import type { HyperValues } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import { nearest } from "../util/nearest.ts";
import { isKeyOf, isRecord } from "../util/record.ts";
import { briefText } from "../util/brief-text.ts";
import type { SearchSpace } from "./conditions.ts";
import { coordinatesOf, fromPoint, toPoint } from "./coordinates.ts";
import { measuresOf, type Goals } from "./goals.ts";
import type { Trial } from "./sampler.ts";
import { lackingOf } from "./outcome.ts";

/** Demands lists of both. @throws {HypertrainError} */
export function demandLists(history: unknown, enqueued: unknown): void {
  for (const [what, list] of Object.entries({ trials: history, enqueued })) {
    if (Array.isArray(list)) continue;
    throw inputError(`${what} of a search must be a list, but got ${briefText(list)}; give what was saved`);
  }
}

/** Demands a trial with values and a number. @throws {HypertrainError} */
export function demandTrial(trial: Trial): void {
  if (!isRecord(trial) || !isRecord(trial.values)) {
    throw inputError(
      `a trial must be an object with values by name, but got ${briefText(trial)}; give what was saved`,
    );
  }
  if (Number.isSafeInteger(trial.number) && trial.number >= 0) return;
  throw misnumbered(briefText(trial.number));
}

/** Demands a trial of the space in a state that there is, with what its state and the goals ask for. @throws {HypertrainError} */
export function checkTrial(
  space: SearchSpace,
  trial: Trial,
  before: Trial | undefined,
  goals: Goals | undefined,
): void {
  const { number, state } = trial;
  if (number === before?.number) throw misnumbered(`${number} twice`);
  const value = "value" in trial ? trial.value : undefined;
  const valued = value === undefined ? state !== "finished" : Number.isFinite(value);
  if (!isKeyOf(states, state) || !valued) {
    throw inputError(
      `a trial must be ${Object.keys(states).join(", ")}, with a finite value if it finished, but trial ${number} is ${briefText(state)} with ${briefText(value)}; tell such a trial as failed`,
    );
  }
  const lacking = goals && state === "finished" ? lackingOf(trial.measures, goals) : undefined;
  if (lacking !== undefined) {
    throw inputError(
      `a finished trial of a search with objectives must have measures for ${measuresOf(goals as Goals).join(", ")}, but trial ${number} has none for ${briefText(lacking)}; give what was saved of such a search`,
    );
  }
  demandValues(space, trial.values);
}

const states = { running: 0, finished: 0, failed: 0, pruned: 0 } satisfies Record<Trial["state"], 0>;

const misnumbered = (got: string): Error =>
  inputError(
    `trials must have different numbers from 0 on, but got ${got}; number them in the order of asking`,
  );

/** Demands values of a trial in a space. @throws {HypertrainError} for those of another. */
export function demandValues(space: SearchSpace, values: Readonly<HyperValues>): void {
  demandKnown(space, values);
  toPoint(space, values);
}

/** Some values of a space. */
export function demandPart(
  space: SearchSpace,
  values: Readonly<Partial<HyperValues>>,
): Readonly<HyperValues> {
  if (!isRecord(values)) {
    throw inputError(`enqueued values must be an object by name, but got ${briefText(values)}; name them`);
  }
  demandKnown(space, values);
  const { conditions: _, ...unconditional } = space;
  const middle = new Float64Array(coordinatesOf(space).length).fill(0.5);
  const given = Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  toPoint(unconditional, { ...fromPoint(unconditional, middle), ...given });
  return frozenValues(given);
}

function demandKnown({ hypers, names }: SearchSpace, values: object): void {
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(hypers, name));
  if (unknown === undefined) return;
  throw inputError(
    `values must be of the hyperparameters ${names.join(", ")}, but got ${briefText(unknown)}${nearest(unknown, names) || "; leave it out"}`,
  );
}

/** The same trial, which nobody can change any more. */
export function frozen<T extends Trial>(trial: T): T {
  return Object.freeze<T>({ ...trial, values: frozenValues(trial.values) });
}

const frozenValues = (values: Readonly<HyperValues>): HyperValues =>
  Object.freeze(
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        Array.isArray(value) ? Object.freeze([...(value as readonly number[])]) : value,
      ]),
    ),
  );
