import type { Search } from "../search/ask-tell.ts";
import type { Trial } from "../search/sampler.ts";
import type { TrialMeasures } from "../search/goals.ts";
import type { ScheduledTrial } from "../search/schedulers/scheduler.ts";
import type { HyperValues } from "../space/space.ts";
import { leastOf } from "../util/statistics.ts";

/** What a study asks of its search, and tells it: of every trial that was asked for, once. */
export interface Suggestions {
  /** The values that the search suggests for this trial. */
  valuesFor(trial: number): Readonly<HyperValues>;
  /** Tells the search how the values of a trial fared: at its lowest loss. Does nothing if it knows, or never suggested them. */
  settle(trial: ScheduledTrial & { readonly measures?: TrialMeasures }): void;
  /** All of them, from which {@link suggestionsOf} goes on. */
  all(): Suggested;
}

/** What was suggested: the search's trials, and those of the study that it has not been told of, each with its number in the search. */
export interface Suggested {
  readonly trials: readonly Trial[];
  readonly untold: readonly (readonly [trial: number, asked: number])[];
}

/** Keeps the books between the trials of a study and those of a search, which have other numbers where a scheduler chooses values. */
export function suggestionsOf(search: Search, before: Suggested["untold"] = []): Suggestions {
  const untold = new Map(before);
  return {
    all: () => ({ trials: search.trials, untold: [...untold] }),
    valuesFor(trial) {
      const { number, values } = search.ask();
      untold.set(trial, number);
      return values;
    },
    settle({ number, state, curve, measures }) {
      const asked = untold.get(number);
      if (asked === undefined) return;
      untold.delete(number);
      const losses = curve.map(({ loss }) => loss);
      const failed = state === "failed" || losses.length === 0;
      if (failed) search.tell(asked, { failed: "its loss was not finite" });
      else search.tell(asked, measures ? { measures } : leastOf(losses));
    },
  };
}
