import type { RunPage } from "../src/report/run-page.ts";
import { shortLossUnit } from "../src/report/loss-unit.ts";

/** What a run's losses are in, by its configuration; nothing where that is plain. */
export function unitOf({ config, trace }: Pick<RunPage, "config" | "trace">): string | undefined {
  const last = trace.at(-1);
  return last && shortLossUnit(last.valid, (config ?? {}) as Readonly<Record<string, unknown>>); // it is an object
}
