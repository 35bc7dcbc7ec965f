import { aSpace, type HyperValues } from "../space/space.ts";
import type { SpaceHypers } from "../space/values.ts";
import { inputError } from "../util/error.ts";
import { nearest } from "../util/nearest.ts";
import { streamKey } from "../util/random.ts";
import { isRecord } from "../util/record.ts";
import { briefText } from "../util/brief-text.ts";
import { existsIn, type ExistingValues, type SearchSpace } from "./conditions.ts";
import { coordinatesOf, fromPoint, randomPoint, toPoint } from "./coordinates.ts";
import {
  bestOf,
  frontOf,
  keepsBounds,
  leastLoss,
  measuresOf,
  type Goals,
  type SearchObjective,
  type TrialMeasures,
} from "./goals.ts";
import { goalsOf, signOf, type GoalOptions } from "./goals-of.ts";
import {
  aSampler,
  type FinishedTrial,
  type RunningTrial,
  type Sampler,
  type Trial,
  type TrialFacts,
} from "./sampler.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { anything, oneOf, seed } from "../util/rule.ts";
import { isKeyOf } from "../util/record.ts";

/** What became of a trial: its value, or why it has none. A value that is not finite is a failure. */
export type Outcome =
  | number
  /** Of a search with objectives: what was measured, by name; at least all that its objectives and bounds are about. */
  | { readonly measures: TrialMeasures }
  /** It gave no value, for this reason. */
  | { readonly failed: string }
  /** It was stopped early, at this last value if it had one. */
  | { readonly pruned: number | undefined };

/** A search that any program can drive: it asks for values, evaluates them itself, and tells what came out. */
export interface Search<V = HyperValues> {
  /** All trials so far, by number: JSON, from which {@link createSearch} goes on. */
  readonly trials: readonly Trial<V>[];
  /** What was enqueued and not asked for yet: JSON, likewise. */
  readonly enqueued: readonly Readonly<Partial<V>>[];
  /**
   * The finished trial of the best value that keeps all bounds, the first of equals; nothing before there is one. With several objectives
   * it is the best in the first.
   */
  readonly best: FinishedTrial<V> | undefined;
  /** The finished trials that keep all bounds and than which no other is better in all objectives, ordered by the first. */
  readonly front: readonly FinishedTrial<V>[];
  /** The next trial. Several may run at once. */
  ask(): RunningTrial<V>;
  /**
   * Ends a running trial; its new state is returned. NaN and infinities make it a failed one.
   *
   * @throws {HypertrainError} if no trial of that number runs, or the outcome is none.
   */
  tell(number: number, outcome: Outcome): Trial<V>;
  /**
   * Lets one of the next trials try these values, first come, first served: what a default, an expert or an earlier search would. The
   * sampler chooses what is left out, and learns from the trial as from any other.
   *
   * @throws {HypertrainError} for a name or a value that the space does not have.
   */
  enqueue(values: Readonly<Partial<V>>): void;
}

/** How a search begins. */
export interface SearchOptions<V = HyperValues> extends GoalOptions {
  /** An integer of at most 53 bits; default 0. */
  readonly seed?: number;
  /** The history to go on from, for example `trials` of a search that was saved; default none. Running trials may still be told. */
  readonly trials?: readonly Trial<V>[];
  /** What the first trials are to try, for example `enqueued` of a search that was saved; default nothing. */
  readonly enqueued?: readonly Readonly<Partial<V>>[];
}

/**
 * Starts a search for the least value of a function over a space, or the greatest, or goes on with one. Values have the types of the
 * space's hyperparameters.
 *
 * ```ts
 * const search = createSearch(createSpace({ x: real(0, { low: -1, high: 1 }) }), tpe(), { seed: 1 });
 * search.enqueue({ x: 0.5 });
 * for (let i = 0; i < 50; i++) {
 *   const { number, values } = search.ask();
 *   search.tell(number, values.x ** 2);
 * }
 * const saved = JSON.stringify(search.trials); // createSearch(space, tpe(), { seed: 1, trials: JSON.parse(saved) }) goes on alike
 * ```
 *
 * @throws {HypertrainError} if an option is impossible, or the history is malformed or of another space.
 */
export function createSearch<H extends SpaceHypers, C extends string = never>(
  space: SearchSpace<H, C>,
  sampler: Sampler,
  options: SearchOptions<ExistingValues<H, C>> = {},
): Search<ExistingValues<H, C>> {
  demandGiven("createSearch", { space, sampler }, { space: aSpace, sampler: aSampler });
  // What samplers suggest, and `checkTrial` lets in, is of the space.
  const own = ownOptions("createSearch", options as SearchOptions, {
    ...{ seed, direction: oneOf("minimize", "maximize") },
    ...{ objectives: anything, bounds: anything, trials: anything, enqueued: anything }, // each has a sentence of its own
  });
  return searchOf(space as SearchSpace, sampler, own) as Search<ExistingValues<H, C>>;
}

function searchOf(space: SearchSpace, sampler: Sampler, options: SearchOptions): Search {
  const { seed = 0, trials: history = [], enqueued = [] } = options;
  const goals = goalsOf(options, sampler);
  const sign = goals ? (goals.objectives[0]?.largest ? -1 : 1) : signOf(options.direction);
  demandLists(history, enqueued);
  history.forEach(demandTrial);
  const trials = history.map(frozen).sort((a, b) => a.number - b.number);
  trials.forEach((trial, i) => checkTrial(space, trial, trials[i - 1], goals));
  const minimised = trials.map((trial) => signed(trial, sign)); // as samplers see them
  const places = new Map(trials.map(({ number }, i) => [number, i]));
  const queue = enqueued.map((values) => demandPart(space, values));
  const own = ({ number }: Trial) => trials[places.get(number) as number] as FinishedTrial;
  return {
    get trials() {
      return [...trials];
    },
    get enqueued() {
      return [...queue];
    },
    get best() {
      const best = bestOf(
        finished(minimised),
        ({ value }) => value,
        (trial) => keepsBounds(measuresIn(trial), goals ?? leastLoss),
      );
      return best && own(best);
    },
    get front() {
      return frontOf(finished(minimised), measuresIn, goals ?? leastLoss).map(own);
    },
    ask() {
      const number = (trials.at(-1)?.number ?? -1) + 1;
      const request = { space, trials: minimised, seed, number };
      const suggested = sampler.suggest(goals ? { ...request, goals } : request);
      const wanted = queue.shift();
      const values = wanted ? completed(space, wanted, suggested, seed, number) : suggested;
      const trial = frozen({ number, values, state: "running" } as const);
      places.set(number, trials.push(trial) - 1);
      minimised.push(trial);
      return trial;
    },
    tell(number, outcome) {
      const at = places.get(number);
      const trial = at === undefined ? undefined : trials[at];
      if (at === undefined || trial?.state !== "running") throw notRunning(number, trial, trials);
      const told = ended(trial, outcome, goals);
      minimised[at] = signed(told, sign);
      return (trials[at] = told);
    },
    enqueue(values) {
      queue.push(demandPart(space, values));
    },
  };
}

/** Demands values of a trial in a space. @throws {HypertrainError} for those of another. */
export function demandValues(space: SearchSpace, values: Readonly<HyperValues>): void {
  demandKnown(space, values);
  toPoint(space, values);
}

/** The trial with its value as it is minimised. */
const signed = (trial: Trial, sign: 1 | -1): Trial =>
  sign === 1 || !("value" in trial) ? trial : Object.freeze({ ...trial, value: -trial.value });

const finished = (trials: readonly Trial[]): readonly FinishedTrial[] =>
  trials.filter((trial) => trial.state === "finished");

/** What goals look at: of a search for one value that value, as it is minimised. */
const measuresIn = ({ value, measures }: FinishedTrial): TrialMeasures => measures ?? { loss: value };

/** What was asked for, with what it leaves out as the sampler suggests, or drawn where the sampler thought that it would not exist. */
function completed(
  space: SearchSpace,
  wanted: Readonly<HyperValues>,
  suggested: HyperValues,
  seed: number,
  number: number,
): HyperValues {
  const { conditions: _, ...unconditional } = space;
  const point = randomPoint(streamKey(seed, "enqueued"), number, coordinatesOf(space).length);
  const all = { ...fromPoint(unconditional, point), ...suggested, ...wanted };
  return Object.fromEntries(Object.entries(all).filter(([name]) => existsIn(space, name, all)));
}

function ended({ number, values }: RunningTrial, outcome: Outcome, goals: Goals | undefined): Trial {
  const facts = { number, values };
  if (goals && isRecord(outcome) && "measures" in outcome) return measured(facts, outcome.measures, goals);
  if (typeof outcome === "number" && !goals) {
    return Number.isFinite(outcome)
      ? Object.freeze({ ...facts, state: "finished", value: outcome })
      : Object.freeze({ ...facts, state: "failed", reason: `its value was ${outcome}` });
  }
  if (isRecord(outcome)) {
    if ("failed" in outcome && typeof outcome.failed === "string") {
      return Object.freeze({ ...facts, state: "failed", reason: outcome.failed });
    }
    if ("pruned" in outcome && (outcome.pruned === undefined || typeof outcome.pruned === "number")) {
      const { pruned } = outcome;
      const value = pruned !== undefined && Number.isFinite(pruned) ? { value: pruned } : {};
      return Object.freeze({ ...facts, state: "pruned", ...value });
    }
  }
  if (goals) {
    throw inputError(
      `the outcome of a trial must be { measures: { ${measuresOf(goals).join(", ")} } }, { failed: "why" } or { pruned: number } in a search with objectives, but trial ${number} was told ${briefText(outcome)}; tell one of these`,
    );
  }
  throw inputError(
    `the outcome of a trial must be a number, { failed: "why" } or { pruned: number }, but trial ${number} was told ${briefText(outcome)}; tell one of these`,
  );
}

function measured(facts: TrialFacts, measures: TrialMeasures, goals: Goals): Trial {
  const lacking = lackingOf(measures, goals);
  if (lacking !== undefined) {
    throw inputError(
      `measures must be numbers for ${measuresOf(goals).join(", ")}, but trial ${facts.number} was told ${briefText(measures)}, which has none for ${briefText(lacking)}; measure it, or tell { failed: "why" }`,
    );
  }
  const odd = Object.entries(measures).find(([, value]) => !Number.isFinite(value));
  if (odd)
    return Object.freeze({ ...facts, state: "failed", reason: `its ${odd[0]} was ${briefText(odd[1])}` });
  const own = Object.freeze({ ...measures });
  const { name } = goals.objectives[0] as SearchObjective;
  return Object.freeze({ ...facts, state: "finished", value: own[name] as number, measures: own });
}

/** The first measure that goals need and these lack. */
const lackingOf = (measures: unknown, goals: Goals): string | undefined =>
  measuresOf(goals).find(
    (name) =>
      !isRecord(measures) ||
      !Object.hasOwn(measures, name) ||
      typeof (measures as TrialMeasures)[name] !== "number",
  );

/** The same trial, which nobody can change any more. */
function frozen<T extends Trial>(trial: T): T {
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

function demandLists(history: unknown, enqueued: unknown): void {
  for (const [what, list] of Object.entries({ trials: history, enqueued })) {
    if (Array.isArray(list)) continue;
    throw inputError(`${what} of a search must be a list, but got ${briefText(list)}; give what was saved`);
  }
}

function demandTrial(trial: Trial): void {
  if (!isRecord(trial) || !isRecord(trial.values)) {
    throw inputError(
      `a trial must be an object with values by name, but got ${briefText(trial)}; give what was saved`,
    );
  }
  if (Number.isSafeInteger(trial.number) && trial.number >= 0) return;
  throw misnumbered(briefText(trial.number));
}

const misnumbered = (got: string): Error =>
  inputError(
    `trials must have different numbers from 0 on, but got ${got}; number them in the order of asking`,
  );

function checkTrial(
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

/** Some values of a space. */
function demandPart(space: SearchSpace, values: Readonly<Partial<HyperValues>>): Readonly<HyperValues> {
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

const states = { running: 0, finished: 0, failed: 0, pruned: 0 } satisfies Record<Trial["state"], 0>;

function notRunning(number: number, trial: Trial | undefined, trials: readonly Trial[]): Error {
  const running = trials.filter(({ state }) => state === "running").map((one) => one.number);
  return inputError(
    `only a running trial can be told, but trial ${briefText(number)} ${trial ? `is ${trial.state}` : "was not asked for"}; tell each trial once (running: ${running.join(", ") || "none"})`,
  );
}
