import { positive, text, type Rules } from "../util/rule.ts";
import { answers } from "./answers.ts";
import type { Call } from "./connection.ts";
import { trialAt, type TakenTrial } from "./held-trial.ts";

/** How to ask. */
export interface AskOptions {
  /** What the worker calls itself. */
  readonly worker?: string;
  /** Seconds without a sign of life after which another gets the trial; default 60. Signs are given while it is open. */
  readonly lease?: number;
}

/** What {@link AskOptions} must be. */
export const askRules: Rules<AskOptions> = { worker: text, lease: positive };

/** Asks for a trial until there is one, and gives up where nothing is left or the signal is aborted. */
export type TakeTrial = (options: AskOptions, signal?: AbortSignal) => Promise<TakenTrial | undefined>;

/** How a session asks for trials of the study at a path. */
export function taking(path: string, session: string, call: Call): TakeTrial {
  let questions = 0;
  return async ({ worker, lease }, signal) => {
    while (!signal?.aborted) {
      const request = `${session}/${questions++}`; // by which the server gives the same trial again
      const asked = await call(answers.asked, "POST", `${path}/ask`, { worker, lease, request });
      if (asked.kind === "done") return undefined;
      if (asked.kind === "trial") return trialAt(asked, `${path}/trials/${asked.trial}`, call);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    return undefined;
  };
}

/** Milliseconds between two questions for work, where there was none. */
const PAUSE = 300;
