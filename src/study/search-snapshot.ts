import type { SettledBest, Spent } from "../tuners/ledger.ts";
import type { FailedTraining } from "../tuners/run.ts";
import { demandSnapshot, type Progress, type Snapshot } from "../tuners/snapshot.ts";
import { inputError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";
import type { TrialRecord } from "./next-segment.ts";
import { failedIn, type StudySnapshot } from "./search-study.ts";

/*
 * The snapshot of a search, as a run's.
 */

/** What a search adds to a run's progress: its trials, each with the progress of its own training where that may be gone on with. */
interface SearchProgress extends Progress {
  readonly search: {
    readonly trials: readonly (TrialRecord & { readonly progress?: Progress })[];
    readonly spent: Spent;
    /** The step at which the training under way began, or went on; absent in what was saved before it said so. */
    readonly since?: number;
    /** What is best again if that fails, where it is another point; its weights are a part of the state. */
    readonly settled?: Omit<SettledBest, "weights">;
  };
}

/** The state's parts are the trials' states, and the weights of what is best if the training under way fails. */
export function snapshotOf(
  progress: Progress,
  { trials, snapshots, spent }: StudySnapshot,
  { since, best, epochsSinceBest = 0, weights }: Partial<SettledBest> & { readonly since: number },
): Snapshot {
  const standing = trials.map((trial) => {
    const own = snapshots.get(trial.number)?.progress;
    return { ...trial, ...(own && { progress: own }) };
  });
  const states = [...snapshots].map(([number, { state }]): [string, HostTree] => [`trial ${number}`, state]);
  const settled = best && { best, epochsSinceBest };
  const search = { trials: standing, spent, since, ...(settled && { settled }) };
  const whole: SearchProgress = { ...progress, search };
  return {
    state: { ...Object.fromEntries(states), ...(weights && { [SETTLED]: weights }) },
    progress: whole,
  };
}

/** The name of the state's part that {@link SearchProgress.search.settled} has. */
const SETTLED = "settled";

const searchIn = ({ progress }: Snapshot): SearchProgress["search"] => (progress as SearchProgress).search; // it was demanded before

/** The step at which the training under way began, or went on. */
export const sinceIn = (from: Snapshot | undefined): number =>
  from ? (searchIn(from).since ?? from.progress.step) : 0;

/** All trials that have begun. */
export const trialsIn = (from: Snapshot): readonly TrialRecord[] => searchIn(from).trials;

/** What is best if the training under way fails, where something else is best now. */
export function settledIn(from: Snapshot): SettledBest | undefined {
  const { settled } = searchIn(from);
  return settled && { ...settled, weights: from.state[SETTLED] };
}

/** The trainings of a search that had failed by a snapshot; undefined of a run that is no search. */
export function failedAt({ progress }: Snapshot): readonly FailedTraining[] | undefined {
  const { search } = progress as Partial<SearchProgress>;
  return search && failedIn(search.trials);
}

/** Demands a snapshot of a search. @throws {HypertrainError} */
export function demandSearch(snapshot: Snapshot): void {
  demandSnapshot(snapshot);
  if (Array.isArray((snapshot.progress as Partial<SearchProgress>).search?.trials)) return;
  throw inputError(
    "a search must go on from the snapshot of a search of this version, but got another; create the run as it was",
  );
}

/** Where the study of a search stood. */
export function studyOf({ state, progress }: Snapshot): StudySnapshot {
  const { trials, spent } = (progress as SearchProgress).search;
  const snapshots = new Map<number, Snapshot>();
  for (const { number, progress: own } of trials) {
    const kept = state[`trial ${number}`] as Snapshot["state"] | undefined;
    if (own && kept) snapshots.set(number, { state: kept, progress: own });
  }
  return { trials: trials.map(({ progress: _, ...trial }) => trial), snapshots, spent };
}
