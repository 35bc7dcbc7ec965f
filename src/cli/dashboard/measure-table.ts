import { setImmediate as others } from "node:timers/promises";

import type { WireColumn, WireTable } from "../../api/columns.ts";
import { isOfCurve } from "../../search/measures.ts";
import type { StudyReadings } from "../../storage/storage.ts";
import { reachedBy } from "../study/measured-trials.ts";

/** How many trials' evaluations are in memory at a time, and the most measures. */
const [PART, MOST] = [500, 50];

/**
 * What trials reached besides a loss, and cost, by columns; those in which nothing differs from 0 are left out. Row i is trial i, NaN where
 * it has none.
 *
 * @param known measures that tables of this study's trials have
 */
export async function measureTable(
  storage: StudyReadings,
  study: string,
  rows: number,
  known: ReadonlySet<string>,
): Promise<WireTable<null>> {
  const found = new Map<string, Float64Array>();
  for (let from = 0; from < rows; from += PART) {
    await others(); // whoever asks for something else is answered in between
    const points = await storage.points(study, { from, to: Math.min(rows, from + PART) });
    const curves = Map.groupBy(
      points.filter(({ budget }) => budget > 0),
      ({ trial }) => trial,
    );
    for (const [trial, curve] of curves) {
      for (const [name, value] of Object.entries(reachedBy(curve) ?? {})) {
        if (isOfCurve(name) || known.has(name)) continue; // which tables of trials have
        if (!found.has(name) && found.size < MOST) found.set(name, new Float64Array(rows).fill(NaN));
        found.get(name)?.fill(value, trial, trial + 1);
      }
    }
  }
  const columns = [...found]
    .filter(([, values]) => values.some((value) => value !== 0 && !Number.isNaN(value)))
    .map(([name, values]): WireColumn => ({ name, values, measure: true }));
  return { note: null, rows, columns };
}
