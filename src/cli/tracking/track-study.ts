import { setTimeout as sleep } from "node:timers/promises";

import type { Goals } from "../../search/goals.ts";
import type { StudyReadings } from "../../storage/storage.ts";
import { overallTrace } from "../study/overall-trace.ts";
import type { TrackedRun } from "./track-run.ts";

/** Milliseconds between two looks at a study. */
const PAUSE = 500;

/**
 * Tells the evaluations of a study as its workers make them, until the signal comes; those of before this began are not told. Looks less often
 * where looking takes long.
 */
export async function trackStudy(
  storage: StudyReadings,
  study: string,
  tracked: TrackedRun,
  { stepsPerEpoch, goals }: { readonly stepsPerEpoch: number; readonly goals?: Goals | undefined },
  signal: AbortSignal,
): Promise<void> {
  const told = new Set<string>();
  let revision: number | undefined;
  const look = async (tell: boolean) => {
    const found = await storage.find(study);
    if (!found || found.revision === revision) return;
    const [points, trials] = [await storage.points(study), await storage.trials(study)];
    for (const trace of overallTrace(points, trials, stepsPerEpoch, { goals })) {
      const key = `${trace.trial?.number} ${trace.trial?.epoch}`;
      if (told.has(key)) continue;
      told.add(key);
      if (tell) tracked.point(trace);
    }
    ({ revision } = found);
  };
  await look(false).catch(() => undefined); // the workers say what is wrong
  while (!signal.aborted) {
    const begun = performance.now();
    await look(true).catch(() => undefined);
    const pause = Math.max(PAUSE, 20 * (performance.now() - begun));
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
  await look(true).catch(() => undefined);
}
