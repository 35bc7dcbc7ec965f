import { aSpace, type HyperValues } from "../space/space.ts";
import type { SpaceHypers } from "../space/values.ts";
import { inputError } from "../util/error.ts";
import { streamKey } from "../util/random.ts";
import { briefText } from "../util/brief-text.ts";
import { existsIn, type ExistingValues, type SearchSpace } from "./conditions.ts";
import { coordinatesOf, fromPoint, randomPoint } from "./coordinates.ts";
import { bestOf, frontOf, keepsBounds, leastLoss, type TrialMeasures } from "./goals.ts";
import { goalsOf, signOf, type GoalOptions } from "./goals-of.ts";
import { aSampler, type FinishedTrial, type RunningTrial, type Sampler, type Trial } from "./sampler.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { anything, oneOf, seed } from "../util/rule.ts";
import { ended, type Outcome } from "./outcome.ts";
import { demandLists, demandTrial, frozen, checkTrial, demandPart } from "./saved-trials.ts";

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

function notRunning(number: number, trial: Trial | undefined, trials: readonly Trial[]): Error {
  const running = trials.filter(({ state }) => state === "running").map((one) => one.number);
  return inputError(
    `only a running trial can be told, but trial ${briefText(number)} ${trial ? `is ${trial.state}` : "was not asked for"}; tell each trial once (running: ${running.join(", ") || "none"})`,
  );
}
