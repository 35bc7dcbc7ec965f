import type { StudyRecord } from "../../storage/storage.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { violationOf, type Goals, type TrialMeasures } from "../../search/goals.ts";
import type { HyperValues } from "../../space/space.ts";
import { leastOf } from "../../util/statistics.ts";
import type { AnyStudyConfig } from "./study-config.ts";
import { followedBy } from "./study-job.ts";

/** A study as `--json` prints it: others script against it. */
export interface StudySummary {
  readonly name: string;
  readonly state: StudyRecord["state"];
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
  readonly reason?: string;
}

/** What people and scripts want to know of a study. */
export function studySummary(
  { name, state, config }: StudyRecord,
  trials: readonly TrialRecord[],
): StudySummary {
  const bounds = followedBy(config as AnyStudyConfig)?.bounds ?? [];
  return { name, state, trials: trials.map((trial) => trialSummary(trial, bounds)) };
}

/** The trial of the lowest loss among those within the study's bounds. */
export const bestOf = (trials: readonly TrialSummary[]): TrialSummary | undefined =>
  trials
    .filter(({ best, beyond }) => best !== null && !beyond)
    .reduce<TrialSummary | undefined>((a, b) => (a && Number(a.best) <= Number(b.best) ? a : b), undefined);

/** How the trials of a study that is done ended: one that waits for a scheduler then was stopped early. */
export function endsOf(trials: readonly Pick<TrialRecord, "state">[]): string {
  const count = (state: TrialRecord["state"]) => trials.filter((trial) => trial.state === state).length;
  const [early, failed] = [count("paused"), count("failed")];
  return [
    `${trials.length} trials, ${count("complete")} to the end`,
    ...(early > 0 ? [`${early} stopped early`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(", ");
}

const trialSummary = (
  { number, state, values, curve, attempt, measures, reason }: TrialRecord,
  bounds: Goals["bounds"],
): TrialSummary => ({
  ...{ number, state, values, attempt },
  best: curve.length > 0 ? leastOf(curve.map(({ loss }) => loss)) : null,
  epochs: curve.at(-1)?.budget ?? 0,
  ...(measures && { measures }),
  ...(curve.length > 0 && violationOf(measures ?? {}, bounds) > 0 && { beyond: true }),
  ...(reason !== undefined && { reason }),
});
