import type { HyperValues } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import type { SearchSpace } from "./conditions.ts";
import { toPoint } from "./coordinates.ts";
import type { FinishedTrial, RunningTrial, Sampler, Trial } from "./sampler.ts";

/** What became of a trial: its value, or why it has none. A value that is not finite is a failure. */
export type Outcome =
  | number
  /** It gave no value, for this reason. */
  | { readonly failed: string }
  /** It was stopped early, at this last value if it had one. */
  | { readonly pruned: number | undefined };

/** A search that any program can drive: it asks for values, evaluates them itself, and tells what came out. */
export interface Search {
  /** All trials so far, by number: JSON, from which {@link createSearch} goes on. */
  readonly trials: readonly Trial[];
  /** The finished trial of the least value, the first of equals; nothing before one finished. */
  readonly best: FinishedTrial | undefined;
  /** The next trial. Several may run at once. */
  ask(): RunningTrial;
  /**
   * Ends a running trial; its new state is returned. NaN and infinities make it a failed one.
   *
   * @throws {HypertrainError} if no trial of that number runs.
   */
  tell(number: number, outcome: Outcome): Trial;
}

/** How a search begins. */
export interface SearchOptions {
  /** An integer of at most 53 bits; default 0. */
  readonly seed?: number;
  /** The history to go on from, for example `trials` of a search that was saved; default none. Running trials may still be told. */
  readonly trials?: readonly Trial[];
}

/**
 * Starts a search for the least value of a function over a space, or goes on with one.
 *
 * ```ts
 * const search = createSearch(createSpace({ x: real(0, { low: -1, high: 1 }) }), tpe(), { seed: 1 });
 * for (let i = 0; i < 50; i++) {
 *   const { number, values } = search.ask();
 *   search.tell(number, (values.x as number) ** 2);
 * }
 * const saved = JSON.stringify(search.trials); // createSearch(space, tpe(), { seed: 1, trials: JSON.parse(saved) }) goes on alike
 * ```
 *
 * @throws {HypertrainError} if the seed is no such integer, or the history is malformed or of another space.
 */
export function createSearch(
  space: SearchSpace,
  sampler: Sampler,
  { seed = 0, trials: history = [] }: SearchOptions = {},
): Search {
  if (!Number.isSafeInteger(seed)) {
    throw inputError(`a seed must be an integer of at most 53 bits, but got ${seed}; round it`);
  }
  const trials = history.map(frozen).sort((a, b) => a.number - b.number);
  trials.forEach((trial, i) => checkTrial(space, trial, trials[i - 1]));
  const places = new Map(trials.map(({ number }, i) => [number, i]));
  return {
    get trials() {
      return [...trials];
    },
    get best() {
      return bestOf(trials);
    },
    ask() {
      const number = (trials.at(-1)?.number ?? -1) + 1;
      const values = sampler.suggest({ space, trials, seed, number });
      const trial = frozen({ number, values, state: "running" } as const);
      places.set(number, trials.push(trial) - 1);
      return trial;
    },
    tell(number, outcome) {
      const at = places.get(number);
      const trial = at === undefined ? undefined : trials[at];
      if (trial?.state !== "running") throw notRunning(number, trial, trials);
      return (trials[at as number] = ended(trial, outcome));
    },
  };
}

function bestOf(trials: readonly Trial[]): FinishedTrial | undefined {
  let best: FinishedTrial | undefined;
  for (const trial of trials) {
    if (trial.state === "finished" && !(best && best.value <= trial.value)) best = trial;
  }
  return best;
}

function ended({ number, values }: RunningTrial, outcome: Outcome): Trial {
  const facts = { number, values };
  if (typeof outcome === "number") {
    return Number.isFinite(outcome)
      ? Object.freeze({ ...facts, state: "finished", value: outcome })
      : Object.freeze({ ...facts, state: "failed", reason: `its value was ${outcome}` });
  }
  if ("failed" in outcome) return Object.freeze({ ...facts, state: "failed", reason: outcome.failed });
  const { pruned } = outcome;
  const value = pruned !== undefined && Number.isFinite(pruned) ? { value: pruned } : {};
  return Object.freeze({ ...facts, state: "pruned", ...value });
}

/** The same trial, which nobody can change any more. */
function frozen<T extends Trial>(trial: T): T {
  const values: HyperValues = Object.fromEntries(
    Object.entries(trial.values).map(([name, value]) => [
      name,
      Array.isArray(value) ? Object.freeze([...(value as readonly number[])]) : value,
    ]),
  );
  return Object.freeze<T>({ ...trial, values: Object.freeze(values) });
}

function checkTrial(space: SearchSpace, trial: Trial, before: Trial | undefined): void {
  const { number, state } = trial;
  if (!(Number.isSafeInteger(number) && number >= 0 && number !== before?.number)) {
    throw inputError(
      `trials must have different numbers from 0 on, but got ${number}${number === before?.number ? " twice" : ""}; number them in the order of asking`,
    );
  }
  const value = "value" in trial ? trial.value : undefined;
  const valued = value === undefined ? state !== "finished" : Number.isFinite(value);
  if (!(state in states) || !valued) {
    throw inputError(
      `a trial must be ${Object.keys(states).join(", ")}, with a finite value if it finished, but trial ${number} is ${state} with ${value}; tell such a trial as failed`,
    );
  }
  toPoint(space, trial.values);
}

const states = { running: 0, finished: 0, failed: 0, pruned: 0 } satisfies Record<Trial["state"], 0>;

function notRunning(number: number, trial: Trial | undefined, trials: readonly Trial[]): Error {
  const running = trials.filter(({ state }) => state === "running").map((one) => one.number);
  return inputError(
    `only a running trial can be told, but trial ${number} ${trial ? `is ${trial.state}` : "was not asked for"}; tell each trial once (running: ${running.join(", ") || "none"})`,
  );
}
