import type { WireTable } from "../../api/columns.ts";
import type { StoredSegment } from "../../storage/storage.ts";
import type { WorkerName } from "../study/death-watch.ts";

/** What a table of segments says besides. */
export interface SegmentNote {
  /** When it was made, in seconds since 1970 by the clock of the database, which times segments as well: those that are trained last until then. */
  readonly now: number;
}

/** How segments end, in the order in which a table counts them. */
export const segmentEnds = ["running", "trained", "failed", "handed back", "died"] as const;

/**
 * Segments as a table: trial, attempt, worker, how far the trial was, when it began and was last heard of, how it ended. None of them
 * is in the future, also where a clock was ahead while it was timed: a file's clock is that of whoever writes to it, and clocks are set.
 *
 * @param now by the database's clock
 */
export function segmentTable(segments: readonly StoredSegment[], now: number): WireTable<SegmentNote> {
  const endOf = ({ heard, ended }: StoredSegment) => (ended === null ? now : Math.min(heard, now));
  const workers = new Map<string, number>();
  const placeOf = (worker: string): number => {
    const name = workerText(worker);
    if (!workers.has(name)) workers.set(name, workers.size);
    return workers.get(name) as number;
  };
  const places = Uint32Array.from(segments, ({ worker }) => placeOf(worker));
  return {
    ...{ note: { now }, rows: segments.length },
    columns: [
      { name: "trial", values: Uint32Array.from(segments, ({ trial }) => trial) },
      { name: "attempt", values: Uint32Array.from(segments, ({ attempt }) => attempt) },
      { name: "worker", values: places, options: [...workers.keys()] },
      { name: "start", values: Float32Array.from(segments, ({ start }) => start) },
      {
        name: "began",
        values: Float64Array.from(segments, (segment) => Math.min(segment.began, endOf(segment))),
      },
      { name: "ended", values: Float64Array.from(segments, endOf) },
      {
        name: "how",
        values: Uint8Array.from(segments, ({ ended }) => segmentEnds.indexOf(ended ?? "running")),
        options: segmentEnds,
      },
    ],
  };
}

/** A worker as people tell it from others. */
export function workerText(text: string): string {
  const worker = nameOf(text);
  if ("client" in worker) return worker.client;
  return "pid" in worker ? `process ${worker.pid} on ${worker.host}` : text;
}

function nameOf(text: string): WorkerName | Readonly<Record<never, never>> {
  try {
    return JSON.parse(text) as WorkerName; // only ever written as one
  } catch {
    return {};
  }
}
