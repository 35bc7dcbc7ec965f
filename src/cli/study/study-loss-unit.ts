import { shortLossUnit } from "../../report/loss-unit.ts";
import type { StudyReadings, StudyRecord } from "../../storage/storage.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { isAsked, isCompared, readStudyConfig } from "./study-config.ts";

/**
 * What the losses of a study are in, by its configuration and the first evaluation of one trial; nothing where that is plain, before the first, or where
 * programs of others train.
 */
export async function studyLossUnit(
  storage: Pick<StudyReadings, "points">,
  study: StudyRecord,
  trials: readonly Pick<TrialRecord, "number" | "curve">[],
): Promise<string | undefined> {
  const stored = readStudyConfig(study);
  if (isAsked(stored)) return undefined;
  const { config } = isCompared(stored) ? stored.compared : stored;
  const trial = trials.find(({ curve }) => curve.length > 0);
  if (!trial || config.problem !== undefined) return undefined;
  const { number: from } = trial;
  const [first] = await storage.points(study.name, { from, to: from + 1 });
  return first && shortLossUnit(first.point.valid, { ...config });
}
