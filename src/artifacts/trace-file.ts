/**
 * `metrics.jsonl`: a trace point a line, each with a checksum of its own. Of a hyperparameter with thousands of elements a line holds the mean
 * and quantiles: the elements themselves, at the best and at the last point, are in the checkpoint.
 */
import { createReadStream, existsSync } from "node:fs";
import { open, truncate } from "node:fs/promises";

import type { HyperPoint, TracePoint } from "../api/trace.ts";
import { ofFailed } from "../tuners/best.ts";
import { inputError } from "../util/error.ts";
import { mapValues } from "../util/record.ts";
import { meanOf, quantilesOf } from "../util/statistics.ts";
import { onDisk, writeWhole } from "./disk.ts";
import { sealJson, unsealJson } from "./sealed-json.ts";
import { demandGiven } from "../util/given.ts";
import { integer, text } from "../util/rule.ts";

/** Adds a trace point as a line. */
export const appendTrace = (path: string, point: TracePoint): Promise<void> =>
  onDisk(path, async () => {
    const file = await open(path, "r+"); // never anew: a folder that was deleted is no run any more
    try {
      const { size } = await file.stat();
      await file.write(lineOf(point), size);
      await file.sync();
    } finally {
      await file.close();
    }
  });

/** Begins the file with its first point. */
export const beginTrace = (path: string, point: TracePoint): Promise<void> => writeWhole(path, lineOf(point));

/** Marks the points of a training of a search behind a step, from which on it failed. */
export async function strikeTrace(
  path: string,
  { trial, since }: { readonly trial: number; readonly since: number },
): Promise<void> {
  const points = await readTrace(path);
  const struck = (point: TracePoint) => point.trial?.number === trial && point.step > since;
  if (!points.some(struck)) return;
  const lines = points.map((point) => lineOf(struck(point) ? ofFailed(point) : point));
  await writeWhole(path, lines.join(""));
}

/**
 * The trace points of the file; none where there is no file. A last line that a killed run left unfinished is no point.
 *
 * @throws {HypertrainError} for any other line that is damaged, and for points of more than one run.
 */
export async function readTrace(path: string): Promise<TracePoint[]> {
  demandGiven("readTrace", { path }, { path: text });
  const points: TracePoint[] = [];
  for await (const { point } of pointsOf(path)) points.push(point);
  return points;
}

/**
 * Takes back the points after a training step, which a resumed run comes to again.
 *
 * @throws {HypertrainError} if there is no point of that step.
 */
export async function truncateTrace(path: string, step: number): Promise<void> {
  demandGiven("truncateTrace", { path, step }, { path: text, step: integer(0) });
  const length = await lengthUpTo(path, step);
  await onDisk(path, () => truncate(path, length));
}

/**
 * The bytes of the file up to the end of a step's point.
 *
 * @throws {HypertrainError} if there is no point of that step, or a line before is damaged.
 */
export async function lengthUpTo(path: string, step: number): Promise<number> {
  let last: number | undefined;
  let length = 0;
  for await (const { point, end } of pointsOf(path)) {
    if (point.step > step) break;
    last = point.step;
    length = end;
  }
  if (last === step) return length;
  throw inputError(
    `${path} must reach step ${step} of the checkpoint, but ends at ${last ?? "nothing"}; it is damaged, start the run anew`,
  );
}

/** Elements of a hyperparameter that a line holds one by one. */
const MOST_ELEMENTS = 1000;

const lineOf = (point: TracePoint): string =>
  `${sealJson({ ...point, hyperparameters: mapValues(point.hyperparameters, thinned) })}\n`;

function thinned(point: HyperPoint): HyperPoint {
  const { value, scale, ...rest } = point;
  if (typeof value !== "object" || value.length <= MOST_ELEMENTS) return point;
  return {
    ...rest,
    value: meanOf(value),
    elements: { count: value.length, ...quantilesOf(value) },
    ...(scale !== undefined && { scale: typeof scale === "number" ? scale : meanOf(scale) }),
  };
}

/** Line by line, since the file may be larger than a string can be; `end` is where the line ends, in bytes. */
async function* pointsOf(path: string): AsyncGenerator<{ point: TracePoint; end: number }, void> {
  if (!existsSync(path)) return;
  let number = 0;
  let end = 0;
  let before = -1;
  for await (const line of linesOf(path)) {
    number += 1;
    end += Buffer.byteLength(line) + 1;
    const point = pointIn(line, `line ${number} of ${path}`);
    if (point.step <= before) {
      throw inputError(
        `${path} must hold the points of one run in order, but line ${number} is of step ${point.step} after step ${before}: two processes have written to it; start the run anew`,
      );
    }
    before = point.step;
    yield { point, end };
  }
}

/** The lines that a newline ends: behind the last is nothing, or what a killed run left unfinished. */
async function* linesOf(path: string): AsyncGenerator<string, void> {
  let rest = "";
  for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 })) {
    const lines = `${rest}${chunk as string}`.split("\n");
    rest = lines.pop() as string; // a split text has at least one part
    yield* lines;
  }
}

function pointIn(line: string, name: string): TracePoint {
  const point = unsealJson(line, name) as unknown as TracePoint; // only ever written by lineOf
  if (typeof point.step === "number") return point;
  throw inputError(`${name} must be a trace point, but has no step; start the run anew`);
}
