import { importances } from "../../search/importance.ts";
import { createSpace, type SpaceHypers } from "../../space/space.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { leastOf } from "../../util/statistics.ts";

/** Trials below which importances say nothing. */
export const LEAST_TRIALS = 10;

/** Trials beyond which a sample of them does. */
const MOST = 10_000;

/** How much each hyperparameter of a study decides, by the lowest losses of its trials; nothing where these are too few, or none is better. */
export function importancesOf(
  space: SpaceHypers,
  trials: readonly TrialRecord[],
): Readonly<Record<string, number>> {
  const names = Object.keys(space);
  const ended = trials.filter(
    ({ curve, values }) => curve.length > 0 && names.every((name) => Object.hasOwn(values, name)),
  );
  if (ended.length < LEAST_TRIALS) return {};
  const stride = Math.ceil(ended.length / MOST);
  const sample = ended.filter((_, i) => i % stride === 0);
  const shares = importances(
    createSpace(space),
    sample.map(({ values, curve }) => ({ values, loss: leastOf(curve.map(({ loss }) => loss)) })),
  );
  return Object.values(shares).some((share) => share > 0) ? shares : {};
}
