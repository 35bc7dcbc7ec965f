import type { StudyRecord } from "../../storage/storage.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { bestOf, frontOf, keepsBounds, type Goals, type TrialMeasures } from "../../search/goals.ts";
import type { HyperValues } from "../../space/space.ts";
import { leastOf } from "../../util/statistics.ts";
import { readStudyConfig } from "./study-config.ts";
import { goalsOfStudy } from "./study-goals.ts";
import { count } from "../../util/words.ts";

/** A study as `--json` prints it: others script against it. */
export interface StudySummary {
  readonly name: string;
  readonly state: StudyRecord["state"];
  /** The number of its best trial: of the lowest loss within its bounds, of those that did not fail; null before the first. */
  readonly best: number | null;
  /** The numbers of its trials within its bounds that no other is better than in all its objectives, ordered by the first. */
  readonly front: readonly number[];
  /** Where a network is kept: the trial of the best one, and the digest of its weights. */
  readonly model?: { readonly trial: number; readonly sha: string };
  /** What the losses are in; absent where that is plain, as cross-entropies are of classes that count alike by their rows, or not known. */
  readonly lossUnit?: string;
  readonly trials: readonly TrialSummary[];
}

/** A trial as `--json` prints it. */
export interface TrialSummary {
  readonly number: number;
  readonly state: TrialRecord["state"];
  readonly values: Readonly<HyperValues>;
  /** Its lowest validation loss; null before the first. */
  readonly best: number | null;
  /** How many workers have claimed it. */
  readonly attempt: number;
  /** Epochs that it was trained. */
  readonly epochs: number;
  /** What it measured, in a study with objectives or bounds. */
  readonly measures?: TrialMeasures;
  /** Stands where it breaks the study's bounds, so that it is not its best. */
  readonly beyond?: true;
  /** The digest of what it would go on from, if it keeps that. */
  readonly checkpoint?: string;
  readonly reason?: string;
}

/** What people and scripts want to know of a study. */
export function studySummary(study: StudyRecord, records: readonly TrialRecord[]): StudySummary {
  const { name, state, model } = study;
  const config = readStudyConfig(study);
  const { lossUnit } = config;
  const goals = goalsOfStudy(config);
  const trials = records.map((record) => trialSummary(record, goals));
  const measured = trials.filter((trial) => trial.best !== null && trial.state !== "failed");
  const front = frontOf(measured, ({ measures, best }) => measures ?? { loss: best ?? NaN }, goals);
  return {
    ...{ name, state, best: bestTrial(trials)?.number ?? null },
    ...{ front: front.map(({ number }) => number) },
    ...(model && { model: { trial: model.trial, sha: model.sha } }),
    ...(lossUnit !== undefined && { lossUnit }),
    trials,
  };
}

/** A study's best trial; one that failed is none. */
export const bestTrial = (trials: readonly TrialSummary[]): TrialSummary | undefined =>
  bestOf(
    trials,
    ({ best }) => best ?? NaN,
    ({ beyond, state }) => !beyond && state !== "failed",
  );

/** How the trials of a study that is done ended: one that waits for a scheduler then was stopped early. */
export function endsOf(trials: readonly EndedTrial[]): string {
  const inState = (state: TrialRecord["state"]) => trials.filter((trial) => trial.state === state).length;
  const [early, failures] = [inState("paused"), failuresOf(trials)];
  return [
    `${count(trials.length, "trial")}, ${inState("complete")} to the end`,
    ...(early > 0 ? [`${early} stopped early`] : []),
    ...(failures === undefined ? [] : [failures]),
  ].join(", ");
}

/** What is counted of a trial. */
type EndedTrial = Pick<TrialSummary, "state" | "best">;

/** How many trials failed, and how many of these before they had a finite loss after a step; undefined where none did. */
export function failuresOf(trials: readonly EndedTrial[]): string | undefined {
  const failed = trials.filter(({ state }) => state === "failed");
  const lost = failed.filter(({ best }) => best === null).length;
  if (failed.length === 0) return undefined;
  const all = `${failed.length} failed`;
  if (lost === 0) return all;
  return lost === failed.length
    ? `${all} without a finite loss`
    : `${all}, ${lost} of them without a finite loss`;
}

const trialSummary = (
  { number, state, values, curve, attempt, measures, checkpoint, reason }: TrialRecord,
  goals: Goals,
): TrialSummary => ({
  ...{ number, state, values, attempt },
  best: curve.length > 0 ? leastOf(curve.map(({ loss }) => loss)) : null,
  epochs: curve.at(-1)?.budget ?? 0,
  ...(measures && { measures }),
  ...(curve.length > 0 && !keepsBounds(measures ?? {}, goals) && { beyond: true }),
  ...(checkpoint !== undefined && { checkpoint }),
  ...(reason !== undefined && { reason }),
});
