import { demandValues } from "../search/saved-trials.ts";
import { measuresOf, someGoals, type Goals, type TrialMeasures } from "../search/goals.ts";
import { demandGoals } from "../search/goals-of.ts";
import { aSampler } from "../search/sampler.ts";
import { aScheduler, budgetOf, isWhole } from "../search/schedulers/scheduler.ts";
import { aSpace, type HyperValues } from "../space/space.ts";
import type { Spent } from "../tuners/ledger.ts";
import type { FailedTraining, Run, RunEvent } from "../tuners/run.ts";
import type { Snapshot } from "../tuners/snapshot.ts";
import { HypertrainError, inputError, workError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";
import { nearest } from "../util/nearest.ts";
import { briefText } from "../util/brief-text.ts";
import type { NetworkFacts } from "./network-at.ts";
import { nextSegment, type StudyPlan, type TrialRecord } from "./next-segment.ts";
import { ended, evaluated } from "./trial-changes.ts";
import type { TrialRunner } from "./trial.ts";
import { ownOptions } from "../util/given.ts";
import { functionOf, limit, needed, objectWith, seed, type Rules } from "../util/rule.ts";

/** What an open study tells: all that the runs of its trials tell, but their ends. */
export type TrialEvent = (Exclude<RunEvent, { kind: "end" | "failed" }> | TrialFailure) & {
  readonly trial: number;
  readonly values: Readonly<HyperValues>;
  readonly spent: Spent;
  /** What the trial has measured, in a study with goals. */
  readonly measures?: TrialMeasures;
};

/** That a trial failed. */
interface TrialFailure {
  readonly kind: "failed";
}

/** What a study is made of. */
export interface StudyOptions extends Omit<StudyPlan, "trials"> {
  readonly runner: TrialRunner;
  /** No more trials than these are started; default no limit. */
  readonly trials?: number;
  /** What else than losses is known of a network at some values, for the goals. */
  networkAt?(values: Readonly<HyperValues>): Promise<NetworkFacts>;
}

/** A search that trains: iterate over its events; between two of them it stands still and can be copied. */
export interface Study {
  /**
   * Trains one trial after the other until whoever listens stops listening, or nothing is left to train. Iterate once.
   *
   * @throws {HypertrainError} if twenty trials do nothing but fail.
   */
  events(): AsyncGenerator<TrialEvent, void>;
  /** Evaluates the trial under way where it stands, if it was trained since its last evaluation: the last that a study does. Iterate once. */
  lastLook(): AsyncGenerator<TrialEvent, void>;
  /** Where it stands, whole. */
  snapshot(): Promise<StudySnapshot>;
  /** All that have begun, by number. */
  trials(): readonly TrialRecord[];
  /** The weights of the trial under way. @throws {HypertrainError} where there is none */
  weights(): Promise<HostTree>;
  /**
   * Demands that some training did not fail; one that did has failed whatever losses it had before.
   *
   * @param nothingBelow whether none came below the untrained network: then one under way counts no more than those that failed
   * @throws {HypertrainError} with how many failed, and why.
   */
  demandFinite(nothingBelow: boolean): void;
}

/** Everything that a study goes on from. */
export interface StudySnapshot {
  /** By number; one that is under way is `waiting`, as if its worker had handed it back. */
  readonly trials: readonly TrialRecord[];
  /** Where trials stand that may be gone on with, by their numbers. */
  readonly snapshots: ReadonlyMap<number, Snapshot>;
  readonly spent: Spent;
}

const studyRules: Rules<StudyOptions> = {
  ...{ space: needed(aSpace), sampler: needed(aSampler), scheduler: needed(aScheduler), seed: needed(seed) },
  runner: needed(objectWith<TrialRunner>("a runner, such as trialRunner({ … })", { open: "function" })),
  trials: limit,
  goals: someGoals,
  networkAt: functionOf("of values"),
};

/**
 * Opens a search of hyperparameters that trains one trial after the other: a study with one worker, in memory. `nextSegment` decides.
 *
 * A trial counts for the sampler with its lowest validation loss at the values that were suggested: what it reaches at others, once it
 * is a copy of another trial, the sampler never hears. One whose loss is not finite has failed. Gradients before a copy was made count
 * once.
 *
 * @param from a snapshot of an earlier study of the same parts: it goes on bit for bit
 * @throws {HypertrainError} for parts that are none, for goals that the sampler cannot follow, or a snapshot of another space.
 */
export function openStudy(options: StudyOptions, from?: StudySnapshot): Study {
  const { runner, networkAt, ...parts } = ownOptions("openStudy", options, studyRules);
  const plan: StudyPlan = { ...parts, trials: options.trials ?? Infinity };
  const { space, sampler, scheduler, goals } = plan;
  if (goals) demandGoals(goals, sampler);
  for (const { suggested } of from?.trials ?? []) if (suggested) demandValues(space, suggested.values);
  const trials = [...(from?.trials ?? [])];
  const snapshots = new Map(from?.snapshots);
  const keep = (trial: number, snapshot?: Snapshot) =>
    snapshot ? snapshots.set(trial, snapshot) : snapshots.delete(trial);
  let spent = from?.spent ?? { steps: 0, gradientEvaluations: 0 };
  let underWay:
    { readonly trial: number; readonly run: Run; readonly network: NetworkFacts | undefined } | undefined;

  /** Takes the next segment: its trial, which stays `waiting` while it is trained, so that a snapshot goes on with it. */
  const taken = (): TrialRecord | undefined => {
    const next = nextSegment(plan, trials);
    if (next.kind !== "segment") return undefined; // nobody else trains, for whom to wait
    for (const trial of next.changed) trials[trial.number] = trial;
    const { trial, decision } = next;
    if (decision?.kind === "clone") keep(trial.number, snapshots.get(decision.from));
    return trial;
  };

  /** What a run of a trial tells until it ends, entered in the books. */
  async function* told(run: Run, number: number, network?: NetworkFacts): AsyncGenerator<TrialEvent, void> {
    underWay = { trial: number, run, network };
    const { values } = trials[number] as TrialRecord;
    let counted = snapshots.get(number)?.progress.last.gradientEvaluations ?? 0;
    for await (const event of run.events()) {
      if (event.kind === "end") return;
      if (event.kind === "step") spent = { ...spent, steps: spent.steps + 1 };
      if (event.kind === "epoch") {
        const { epoch, gradientEvaluations } = event.trace;
        const added = gradientEvaluations - counted;
        spent = { ...spent, gradientEvaluations: spent.gradientEvaluations + added };
        counted = gradientEvaluations;
        const point = { ...event.trace, ...network };
        trials[number] = evaluated(trials[number] as TrialRecord, [{ budget: epoch, point }]);
        if (goals) demandMeasured(goals, trials[number].measures);
      }
      const { measures } = trials[number] as TrialRecord;
      yield { ...event, trial: number, values, spent, ...(measures && { measures }) };
    }
  }

  /** The same of a trial that fails where its training does. */
  async function* tried(
    { number, values }: TrialRecord,
    events: AsyncGenerator<TrialEvent, void>,
  ): AsyncGenerator<TrialEvent, void> {
    try {
      yield* events;
    } catch (error) {
      if (!(error instanceof HypertrainError && error.code === "work")) throw error;
      keep(number);
      const failed = ended({ kind: "failed", reason: error.message });
      trials[number] = { ...(trials[number] as TrialRecord), ...failed };
      release();
      yield { kind: "failed", trial: number, values, spent };
      if (trials.length >= LEAST_TRIALS) demandFinite(trials);
    }
  }

  const release = () => {
    underWay?.run.dispose();
    underWay = undefined;
  };

  /** Trains a trial as far as its segment goes. */
  async function* train({ number, values, to }: TrialRecord): AsyncGenerator<TrialEvent, void> {
    const snapshot = snapshots.get(number);
    try {
      const network = goals && (await networkAt?.(values));
      const run = runner.open({ values, ...(snapshot && { snapshot }) }, to);
      yield* told(run, number, network);
      const trial = trials[number] as TrialRecord;
      const complete = isWhole(budgetOf(trial), scheduler);
      keep(number, complete ? undefined : await run.snapshot());
      trials[number] = { ...trial, ...ended({ kind: "trained", complete }) };
    } finally {
      release();
    }
  }

  /** Evaluates the trial under way: its run is opened anew for no further step. */
  async function* look(): AsyncGenerator<TrialEvent, void> {
    if (!underWay) return;
    const { trial, run, network } = underWay;
    const snapshot = await run.snapshot();
    run.dispose();
    keep(trial, snapshot);
    const { values } = trials[trial] as TrialRecord;
    for await (const event of told(runner.open({ values, snapshot }, NO_STEP), trial, network))
      if (event.kind !== "start") yield event;
  }

  return {
    async *events() {
      for (let next = taken(); next; next = taken()) yield* tried(next, train(next));
    },
    async *lastLook() {
      const trial = underWay && trials[underWay.trial];
      if (trial) yield* tried(trial, look());
    },
    async snapshot() {
      const standing = new Map(snapshots);
      if (underWay) standing.set(underWay.trial, await underWay.run.snapshot());
      return { trials: [...trials], snapshots: standing, spent };
    },
    trials: () => trials,
    weights() {
      if (underWay) return underWay.run.weights();
      throw inputError(
        'the last weights of a search must be asked for at an event of a training under way, but none is; ask for them there, or take weights("best")',
      );
    },
    demandFinite: (nothingBelow) => demandFinite(trials, nothingBelow),
  };
}

/** The trials that failed, with what they were trained with. */
export const failedIn = (trials: readonly TrialRecord[]): readonly FailedTraining[] =>
  trials.flatMap(({ number, values, state }) => (state === "failed" ? [{ number, values }] : []));

/** Epochs so few that any training has them behind it. */
const NO_STEP = Number.MIN_VALUE;

/** Trials that may fail before one of them must not. */
const LEAST_TRIALS = 20;

function demandFinite(trials: readonly TrialRecord[], nothingBelow = false): void {
  const hasFound = ({ state, curve }: TrialRecord) =>
    state !== "failed" && curve.length > 0 && !(nothingBelow && state === "waiting");
  if (trials.some(({ state }) => state === "failed") && !trials.some(hasFound)) throw withoutModel(trials);
}

const noneFinite = (trials: readonly TrialRecord[]): HypertrainError =>
  workError(
    `a search must have trainings that stay finite, but none did: ${failedOf(trials)}, the last because ${trials.findLast(({ state }) => state === "failed")?.reason ?? "it was stopped"}`,
  );

/** Of those that came to an evaluation or failed before one: the last may have been broken off. */
function failedOf(trials: readonly TrialRecord[]): string {
  const tried = trials.filter(({ state, curve }) => state === "failed" || curve.length > 0);
  return `${failedIn(trials).length} of ${tried.length} failed`;
}

/** What is wrong with a search that has no network to offer: all of its trainings failed, or none within its bounds came below its untrained network. */
export function withoutModel(trials: readonly TrialRecord[]): HypertrainError {
  if (trials.every(({ state, curve }) => state === "failed" || curve.length === 0)) return noneFinite(trials);
  return workError(
    `a search must have a training whose validation loss falls below that of the untrained network, but none did${failedIn(trials).length === 0 ? "" : `, and ${failedOf(trials)}`}; take lower learning rates, or other ranges of the hyperparameters`,
  );
}

/** Demands that all that goals are about is measured. */
function demandMeasured(goals: Goals, measures: TrialMeasures = {}): void {
  const lacking = measuresOf(goals).find((name) => !Object.hasOwn(measures, name));
  if (lacking === undefined) return;
  const known = Object.keys(measures);
  throw inputError(
    `goals must be about what is measured of every trial, ${known.join(", ")}, but got ${briefText(lacking)}${nearest(lacking, known) || "; choose one of these"}`,
  );
}
