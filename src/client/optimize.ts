import type { ToldStudy } from "../api/protocol.ts";
import { briefText } from "../util/brief-text.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { count, functionOf, objectWith, type Rules } from "../util/rule.ts";
import { askRules, type AskOptions, type TakeTrial } from "./ask.ts";
import { ServerError } from "./connection.ts";
import type { HeldTrial, Measures, TakenTrial } from "./held-trial.ts";

/** The loss, and what else was measured. */
export interface TrialResult {
  /** Default: the one reported at the trial's budget. */
  readonly loss?: number;
  readonly [measure: string]: number;
}

/** Tries a trial's values: gives its loss, or with it what else it measured. */
export type TrialObjective = (trial: HeldTrial) => Promise<number | TrialResult> | number | TrialResult;

/** How to optimize. */
export interface OptimizeOptions extends AskOptions {
  /** Trials at once, at least 1; default 1. */
  readonly parallel?: number;
  /** Aborted, for example at Ctrl-C, trials under way are handed back, for others to go on with, and nothing more is asked for. */
  readonly signal?: AbortSignal;
}

const optimizeRules: Rules<OptimizeOptions> = {
  ...{ ...askRules, parallel: count },
  signal: objectWith<AbortSignal>("a signal, such as new AbortController().signal", {
    addEventListener: "function",
  }),
};

/** What comes in the place of a result where the program is to end. */
const ENDED = Symbol("ended");

/** Optimizes a study, as its `optimize` says. */
export async function optimizeStudy(
  { show, take }: { show(): Promise<ToldStudy>; readonly take: TakeTrial },
  objective: TrialObjective,
  how: OptimizeOptions = {},
): Promise<void> {
  demandGiven("optimize", { objective }, { objective: functionOf("of a trial") });
  const { parallel = 1, signal, ...options } = ownOptions("optimize", how, optimizeRules);
  const over = new AbortController();
  const end = () => over.abort();
  const ended = new Promise<typeof ENDED>((resolve) => {
    over.signal.addEventListener("abort", () => resolve(ENDED));
  });
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end);
  const next = () => take(options, over.signal);
  const work = async (first: TakenTrial) => {
    for (let taken: TakenTrial | undefined = first; taken; taken = await next()) {
      const { trial, leave } = taken;
      await trained(trial, objective, ended).catch(demandElsewhere).finally(leave);
    }
  };
  /** Starts another as long as there is a trial for it. */
  const upTo = async (workers: number): Promise<void> => {
    const first = workers > 0 ? await next() : undefined;
    if (first) await Promise.all([work(first), upTo(workers - 1)]);
  };
  try {
    await upTo(parallel);
  } finally {
    signal?.removeEventListener("abort", end);
    end(); // what else is under way where one could not go on
  }
  if (!signal?.aborted) demandLoss(await show());
}
/** Lets a trial be that went on elsewhere. */
function demandElsewhere(error: unknown): void {
  if (!(error instanceof ServerError && error.status === 409)) throw error;
}

/** Tries a trial, and tells how it fared. */
async function trained(
  trial: HeldTrial,
  objective: TrialObjective,
  ended: Promise<typeof ENDED>,
): Promise<void> {
  let result: unknown;
  try {
    result = await Promise.race([objective(trial), ended]);
  } catch (error) {
    if (!(error instanceof ServerError)) return trial.fail(textOf(error));
    if (error.status === 400) return trial.fail(error.message);
    throw error; // which is not the trial's
  }
  if (result === ENDED) return trial.handBack();
  const measured = measuredIn(result);
  if (!measured) {
    return trial.fail(
      `an objective must return a number, or an object of a loss and other numbers, but returned ${briefText(result)}; convert it`,
    );
  }
  const { loss, measures } = measured;
  await trial.tell(loss, measures).catch((error: unknown) => {
    if (error instanceof ServerError && error.status === 400) return trial.fail(error.message); // no loss, or an odd one
    throw error;
  });
}

/** What an objective returned, which in JavaScript may be anything; without a loss where it returned nothing, as what it reported counts. */
function measuredIn(
  result: unknown,
): { readonly loss: number | undefined; readonly measures: Measures } | undefined {
  const told = typeof result === "object" && result !== null ? result : { loss: result };
  const isMeasure = (value: unknown) => value === undefined || typeof value === "number";
  if (Array.isArray(told) || !Object.values(told).every(isMeasure)) return undefined;
  const { loss, ...measures } = told as Measures; // JSON leaves out what is undefined
  return { loss, measures };
}

/** What was thrown, which in JavaScript may be anything. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return `the objective threw ${briefText(thrown)}, which has no text`;
  }
}

/** Demands that some trial of a study came to a loss, or still may. */
function demandLoss({ name, trials }: ToldStudy): void {
  const [first] = trials;
  if (!first || trials.some(({ state, best }) => state !== "failed" || best !== null)) return;
  throw new Error(
    `a study must have a trial that came to a loss, but all ${trials.length} of ${briefText(name)} failed, the first because: ${first.reason ?? "it said nothing"}; mend the objective`,
  );
}
