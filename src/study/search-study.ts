import { createSearch } from "../search/ask-tell.ts";
import type { Sampler } from "../search/sampler.ts";
import {
  budgetOf,
  type Decision,
  type ScheduledTrial,
  type Scheduler,
} from "../search/schedulers/scheduler.ts";
import type { Goals, TrialMeasures } from "../search/goals.ts";
import { goalOptionsOf } from "../search/goals-of.ts";
import type { HyperValues, Space } from "../space/space.ts";
import type { Spent } from "../tuners/ledger.ts";
import type { Run, RunEvent } from "../tuners/run.ts";
import { HypertrainError, workError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";
import type { NetworkFacts } from "./network-at.ts";
import { nextDecision } from "./next-decision.ts";
import { measuresAfter } from "./trial-measures.ts";
import { suggestionsOf, type Suggested, type Suggestions } from "./suggestions.ts";
import { atValues, type Checkpoint, type TrialRunner } from "./trial.ts";

/** What an open study tells: all that the runs of its trials tell, but their ends. */
export type TrialEvent = Exclude<RunEvent, { kind: "end" }> & {
  readonly trial: number;
  readonly values: Readonly<HyperValues>;
  readonly spent: Spent;
  /** What the trial has measured, in a study with goals. */
  readonly measures?: TrialMeasures;
};

/** What a study is made of. */
export interface StudyOptions {
  readonly space: Space;
  readonly sampler: Sampler;
  readonly scheduler: Scheduler;
  readonly runner: TrialRunner;
  /** Suggestions follow from it. */
  readonly seed: number;
  /** No more trials than these are started; default no limit. */
  readonly trials?: number;
  /** What the sampler follows besides the lowest loss; default nothing. */
  readonly goals?: Goals;
  /** What else than losses is known of a network at some values, for the goals. */
  networkAt?(values: Readonly<HyperValues>): Promise<NetworkFacts>;
  /** Ends the study after the trial under way. */
  readonly signal?: AbortSignal;
}

/** A search that trains: iterate over its events; between two of them it stands still and can be copied. */
export interface Study {
  /**
   * Trains one trial after the other until whoever listens stops listening, or nothing is left to train. Iterate once.
   *
   * @throws {HypertrainError} if twenty trials do nothing but fail.
   */
  events(): AsyncGenerator<TrialEvent, void>;
  /** Where it stands, whole. */
  snapshot(): Promise<StudySnapshot>;
  /** The weights of the trial under way. */
  weights(): Promise<HostTree>;
  /**
   * Demands that some training came as far as a finite loss.
   *
   * @throws {HypertrainError} with how many failed, and why.
   */
  demandLoss(): void;
}

/** Everything that a study goes on from. */
export interface StudySnapshot {
  readonly trials: readonly StudyTrial[];
  readonly suggested: Suggested;
  readonly spent: Spent;
  readonly underWay?: Training;
}

/** A trial with where it stands; one that is never gone on with has forgotten its weights. */
export interface StudyTrial extends ScheduledTrial {
  readonly checkpoint: Checkpoint;
  /** What it has measured, in a study with goals. */
  readonly measures?: TrialMeasures;
  /** Why it failed, if it did. */
  readonly reason?: string;
}

/** A trial, by its number, on its way to a budget. */
interface Training {
  readonly trial: number;
  readonly to: number;
}

/**
 * Opens a search of hyperparameters that trains one trial after the other.
 *
 * A trial counts for the sampler with its lowest validation loss at the values that were suggested: what it reaches at others, once it
 * is a copy of another trial, the sampler never hears. One whose loss is not finite has failed. Gradients before a copy was made count
 * once.
 *
 * @param from a snapshot of an earlier study of the same parts: it goes on bit for bit
 */
export function openStudy(options: StudyOptions, from?: StudySnapshot): Study {
  const { space, sampler, scheduler, runner, seed, signal, goals, trials: most = Infinity } = options;
  const followed = goals && goalOptionsOf(goals);
  const search = createSearch(space, sampler, { ...followed, seed, trials: from?.suggested.trials ?? [] });
  const suggestions = suggestionsOf(search, from?.suggested.untold);
  const trials: StudyTrial[] = [...(from?.trials ?? [])];
  let spent = from?.spent ?? { steps: 0, gradientEvaluations: 0 };
  let underWay: (Training & { readonly run: Run }) | undefined;

  const decide = (): Training | undefined => {
    const decision = nextDecision({ space, seed, sampler, scheduler, trials: most }, trials);
    if (!decision) return undefined;
    if (decision.kind === "wait") {
      throw new Error("internal: a study with one worker has nothing to wait for");
    }
    const trial = readied(decision, trials, suggestions);
    trials[trial.number] = trial;
    return { trial: trial.number, to: decision.to };
  };

  const decided = () => (signal?.aborted ? undefined : decide());

  async function* train({ trial: number, to }: Training): AsyncGenerator<TrialEvent, void> {
    const { checkpoint, values } = trials[number] as StudyTrial;
    const change = (part: Partial<StudyTrial>) =>
      (trials[number] = { ...(trials[number] as StudyTrial), ...part });
    let taken = checkpoint.snapshot?.progress.last.gradientEvaluations ?? 0;
    let run: Run | undefined;
    try {
      const network = goals && (await options.networkAt?.(values));
      run = runner.open(checkpoint, to);
      underWay = { trial: number, to, run };
      for await (const event of run.events()) {
        if (event.kind === "end") break;
        if (event.kind === "step") spent = { ...spent, steps: spent.steps + 1 };
        if (event.kind === "epoch") {
          const { gradientEvaluations, epoch, valid } = event.trace;
          spent = {
            ...spent,
            gradientEvaluations: spent.gradientEvaluations + gradientEvaluations - taken,
          };
          taken = gradientEvaluations;
          const { curve, measures = {} } = trials[number] as StudyTrial;
          change({
            curve: [...curve, { budget: epoch, loss: valid.loss }],
            ...(goals && { measures: measuresAfter(measures, { ...event.trace, ...network }, epoch) }),
          });
        }
        const { measures } = trials[number] as StudyTrial;
        yield { ...event, trial: number, values, spent, ...(measures && { measures }) };
      }
      const finished = budgetOf(trials[number] as StudyTrial) >= (scheduler.budget ?? Infinity);
      change({ checkpoint: { values, ...(!finished && { snapshot: await run.snapshot() }) } });
    } catch (error) {
      if (!(error instanceof HypertrainError && error.code === "work")) throw error;
      change({ state: "failed", checkpoint: { values }, reason: error.message });
      if (trials.length >= LEAST_TRIALS) demandLoss(trials);
    } finally {
      underWay = undefined;
      run?.dispose();
    }
  }

  return {
    async *events() {
      if (from?.underWay) yield* train(from.underWay);
      for (let next = decided(); next; next = decided()) yield* train(next);
    },
    async snapshot() {
      const suggested = suggestions.all();
      if (!underWay) return { trials: [...trials], suggested, spent };
      const { trial, to, run } = underWay;
      const { values, ...rest } = trials[trial] as StudyTrial;
      const checkpoint = { values, snapshot: await run.snapshot() };
      return {
        trials: trials.with(trial, { ...rest, values, checkpoint }),
        suggested,
        spent,
        underWay: { trial, to },
      };
    },
    weights() {
      if (!underWay) throw new Error("internal: a study has weights only while a trial is under way");
      return underWay.run.weights();
    },
    demandLoss: () => demandLoss(trials),
  };
}

/** The trial that a decision is about, as it is before it is trained on. */
function readied(
  decision: Exclude<Decision, { kind: "wait" }>,
  trials: readonly StudyTrial[],
  suggestions: Suggestions,
): StudyTrial {
  if (decision.kind === "start") {
    trials.forEach(suggestions.settle); // a scheduler may yet go on with them, but their losses are known
    const number = trials.length;
    const values = decision.values ?? suggestions.valuesFor(number);
    return { number, values, curve: [], state: "paused", checkpoint: { values } };
  }
  const trial = trials[decision.trial] as StudyTrial;
  if (decision.kind === "continue") return trial;
  suggestions.settle(trial);
  return cloned(trial, trials[decision.from] as StudyTrial, decision.values);
}

/** The trial after it became a copy of another; its curve stays what was measured of it, up to where the other one stands. */
function cloned(trial: StudyTrial, source: StudyTrial, values: Readonly<HyperValues>): StudyTrial {
  const budget = budgetOf(source);
  return {
    ...trial,
    values,
    state: "paused",
    curve: trial.curve.filter((point) => point.budget <= budget + 1e-9),
    copies: [...(trial.copies ?? []), { budget, from: source.number }],
    checkpoint: atValues(source.checkpoint, values),
  };
}

/** Trials that may fail before one of them must have had a loss. */
const LEAST_TRIALS = 20;

function demandLoss(trials: readonly StudyTrial[]): void {
  const failed = trials.filter(({ state }) => state === "failed");
  const last = failed.at(-1);
  if (!last || trials.some(({ curve }) => curve.length > 0)) return;
  throw workError(
    `a search must have trainings that stay finite, but none came to a finite loss: ${failed.length} of ${trials.length} failed, the last because ${last.reason}`,
  );
}
