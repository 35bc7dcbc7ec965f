import type { HyperValues } from "../space/space.ts";
import { objectWith } from "../util/rule.ts";
import type { SearchSpace } from "./conditions.ts";
import type { Goals, TrialMeasures } from "./goals.ts";

/** What every trial of a search has: its number, by which it is told, and the hyperparameters that it tries. */
export interface TrialFacts<V = HyperValues> {
  /** 0, 1, 2, … in the order in which trials were asked for. */
  readonly number: number;
  /** Natural units; hyperparameters that a condition switches off are absent. */
  readonly values: Readonly<V>;
}

/** A trial that was asked for and not told yet. */
export interface RunningTrial<V = HyperValues> extends TrialFacts<V> {
  readonly state: "running";
}

/** A trial that ran to its end. */
export interface FinishedTrial<V = HyperValues> extends TrialFacts<V> {
  readonly state: "finished";
  /** What the search minimises; finite. Of a search with objectives, the first of them. */
  readonly value: number;
  /** What was measured, by name, in a search with objectives: finite numbers. */
  readonly measures?: TrialMeasures;
}

/** A trial that gave no value: it crashed, or its value was not finite. */
export interface FailedTrial<V = HyperValues> extends TrialFacts<V> {
  readonly state: "failed";
  /** One sentence for people. */
  readonly reason?: string;
}

/** A trial that was stopped before its end since it did not look promising. */
export interface PrunedTrial<V = HyperValues> extends TrialFacts<V> {
  readonly state: "pruned";
  /** The last value that it reached, if any; finite. */
  readonly value?: number;
}

/** One evaluation of the function that a search minimises. All of it is JSON. */
export type Trial<V = HyperValues> = RunningTrial<V> | FinishedTrial<V> | FailedTrial<V> | PrunedTrial<V>;

/** All that a suggestion may depend on. */
export interface SuggestRequest {
  /** What is searched: a space, with conditions if some hyperparameters exist only at some values of others. */
  readonly space: SearchSpace;
  /** The history, in any order: samplers sort it by number. */
  readonly trials: readonly Trial[];
  /** An integer of at most 53 bits. */
  readonly seed: number;
  /** Number of the trial that the suggestion is for. */
  readonly number: number;
  /** The objectives and bounds that the search follows; without them it minimises the values of trials. */
  readonly goals?: Goals;
}

/**
 * A way to choose the hyperparameters of the next trial; samplers minimise.
 *
 * A suggestion is a function of the request alone, so that a search that stops and resumes, or asks for several trials before it
 * tells one, suggests what it would have. A sampler may remember what it computed, never what it was asked.
 *
 * Values lie strictly inside the ranges of real hyperparameters, so that tuners can start from them.
 */
export interface Sampler {
  /** In kebab case, as commands spell it. */
  readonly name: string;
  /** Whether it has a use for several objectives, or none for any: others are refused where there are several. */
  readonly severalObjectives?: true;
  /**
   * The values to try next, in natural units.
   *
   * @throws {HypertrainError} if the space cannot be searched, for example because a range is not finite.
   */
  suggest(request: SuggestRequest): HyperValues;
  /**
   * How many suggestions there are before they repeat themselves, where that is known; without it, there is no end.
   *
   * @throws {HypertrainError} if the space cannot be searched.
   */
  size?(space: SearchSpace): number;
}

/** What a sampler must be. */
export const aSampler = objectWith<Sampler>("a sampler, such as random()", {
  name: "string",
  suggest: "function",
});
