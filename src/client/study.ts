import type { ToldStudy, ToldTrial, TrialValues } from "../api/protocol.ts";
import { ownOptions } from "../util/given.ts";
import { answers } from "./answers.ts";
import { askRules, taking, type AskOptions } from "./ask.ts";
import type { Call } from "./connection.ts";
import type { HeldTrial } from "./held-trial.ts";
import { optimizeStudy, type OptimizeOptions, type TrialObjective } from "./optimize.ts";

/** A study on a server. */
export interface ClientStudy {
  readonly name: string;
  /** A trial to train, or undefined when nothing is left; waits as long as others decide what is next. */
  ask(options?: AskOptions): Promise<HeldTrial | undefined>;
  /** Lets one of the next trials try these values. */
  enqueue(values: TrialValues): Promise<void>;
  show(): Promise<ToldStudy>;
  /** The trial of the lowest loss so far that keeps the study's bounds. */
  best(): Promise<ToldTrial | undefined>;
  /** The trials so far that keep the study's bounds and than which no other is better in all its objectives, ordered by the first. */
  front(): Promise<readonly ToldTrial[]>;
  /**
   * Asks and tells until nothing is left; what `objective` throws fails its trial alone.
   *
   * @throws {ServerError} where the server cannot do what it is asked; others get the trial then, once its lease is over.
   * @throws {Error} at the end where all trials of the study have failed without a loss, with the reason of the first.
   */
  optimize(objective: TrialObjective, options?: OptimizeOptions): Promise<void>;
}

/** The study of a name on a server, of which a session asks. */
export function studyAt(name: string, session: string, call: Call): ClientStudy {
  const path = `/v1/studies/${encodeURIComponent(name)}`;
  const show = () => call(answers.study, "GET", path);
  const take = taking(path, session, call);
  return {
    ...{ name, show },
    ask: async (options = {}) => (await take(ownOptions("ask", options, askRules)))?.trial,
    enqueue: async (values) =>
      void (await call(answers.done, "POST", `${path}/enqueue`, { values }, { repeats: "unheard" })),
    async best() {
      const { best, trials } = await show();
      return trials.find(({ number }) => number === best);
    },
    async front() {
      const { front, trials } = await show();
      return front.map((number) => trials[number] as ToldTrial); // trials stand by their numbers
    },
    optimize: (objective, options) => optimizeStudy({ show, take }, objective, options),
  };
}
