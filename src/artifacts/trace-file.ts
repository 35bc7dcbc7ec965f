import { existsSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";

import type { TracePoint } from "../api/trace.ts";
import { inputError } from "../util/error.ts";
import { onDisk, writeWhole } from "./disk.ts";

/** Adds a trace point as a line to `metrics.jsonl`. */
export const appendTrace = (path: string, point: TracePoint): Promise<void> =>
  onDisk(path, () => appendFile(path, `${JSON.stringify(point)}\n`, { flush: true }));

/**
 * The trace points of `metrics.jsonl`, one a line; none where there is no file. A last line that a killed run left unfinished
 * is no point.
 *
 * @throws {HypertrainError} for any other line that is not one.
 */
export async function readTrace(path: string): Promise<TracePoint[]> {
  if (!existsSync(path)) return [];
  const text = await onDisk(path, () => readFile(path, "utf8"));
  const lines = text.split("\n").slice(0, -1); // behind the last newline is nothing, or an unfinished line
  return lines.map((line, i) => parsePoint(line, path, i + 1));
}

/**
 * Takes back the points after a training step, which a resumed run comes to again.
 *
 * @returns the points that stay
 */
export async function truncateTrace(path: string, step: number): Promise<TracePoint[]> {
  const points = (await readTrace(path)).filter((point) => point.step <= step);
  if (points.at(-1)?.step !== step) {
    throw inputError(
      `${path} must reach step ${step} of the checkpoint, but ends at ${points.at(-1)?.step ?? "nothing"}; it is damaged, start the run anew`,
    );
  }
  await writeWhole(path, points.map((point) => `${JSON.stringify(point)}\n`).join(""));
  return points;
}

function parsePoint(line: string, path: string, number: number): TracePoint {
  try {
    const point = JSON.parse(line) as TracePoint; // checked by its one indispensable field
    if (typeof point.step === "number") return point;
  } catch {
    // as any other line that is no trace point
  }
  throw inputError(
    `${path} must hold a trace point in every line, but line ${number} is damaged; start the run anew`,
  );
}
