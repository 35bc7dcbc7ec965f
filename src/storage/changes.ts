/* What transactions write: rows of studies, trials and segments with their checksums. */
import { createHash } from "node:crypto";

import type { TracePoint } from "../api/trace.ts";
import type { TrialRecord } from "../study/next-segment.ts";
import { pointParts, studyParts, sumOf, trialParts } from "./row-sum.ts";
import type { Claim, StudyModel, StudyRecord } from "./storage.ts";
import type { Tables } from "./tables.ts";
import type { Change } from "./writes.ts";

/** A study as its row. */
export type StudyRow = Tables["study"];

/** Undefined is what goes. */
type TrialChange = { readonly [K in keyof TrialRecord]?: TrialRecord[K] | undefined };

/** A trial inside a transaction by the worker that holds it. */
export interface Held extends Claim, Change {
  readonly record: TrialRecord;
  /** The study before the change. */
  readonly row: StudyRow;
  readonly model: StudyModel | null;
}

/** Writes the changed trial. @returns it, and the study, as they are then */
export function rewrite(held: Held, change: TrialChange): Held {
  const { study, row, record, model } = held;
  const after = changeStudy(held, row, { model: model && JSON.stringify(model) });
  const changed = JSON.parse(JSON.stringify({ ...record, ...change })) as TrialRecord; // without what is undefined
  writeTrial(held, study, after.revision, changed);
  return { ...held, row: after, record: changed };
}

/** Raises the study's revision, with what else changes of it. @returns its row then */
export function changeStudy(
  { write }: Change,
  before: StudyRow,
  change: Partial<Omit<StudyRow, "config">> = {},
): StudyRow {
  const parts = { ...before, ...change, revision: before.revision + 1 };
  const row = { ...parts, sum: sumOf(studyParts(parts)) };
  const { name, state, revision, model, trials, sum } = row;
  write("study", name, [state, revision, model, trials, sum, name]);
  return row;
}

/**
 * Writes a trial as it is now.
 *
 * @param worker who trains it, if it is trained; undefined for whoever did before
 */
export function writeTrial(
  { write }: Change,
  study: string,
  revision: number,
  record: TrialRecord,
  worker?: string,
): void {
  const { number, state, attempt, checkpoint = null } = record;
  const parts = { revision, state, attempt, checkpoint, record: JSON.stringify(record) };
  const sum = sumOf(trialParts({ number, ...parts }));
  write("trial", number, [
    study,
    number,
    revision,
    state,
    attempt,
    checkpoint,
    parts.record,
    sum,
    worker ?? null,
  ]);
}

/** Writes an evaluation, in the place of an earlier one at the same budget. */
export function writePoint(
  { write }: Change,
  study: string,
  seq: number,
  trial: number,
  budget: number,
  point: TracePoint,
): void {
  const parts = { trial, budget, seq, point: JSON.stringify(point) };
  write("point", `${trial} ${budget}`, [study, trial, budget, seq, parts.point, sumOf(pointParts(parts))]);
}

/** Notes when a segment was heard of. @param how if it ended */
export const hear = (
  { write }: Change,
  { study, trial, attempt }: Claim,
  how: Tables["segment"]["ended"],
): void => {
  write("heard", `${trial} ${attempt}`, [how, study, trial, attempt]);
};

/** The best network in a study's row. */
export const modelOf = (text: string | null): StudyModel | null =>
  text === null ? null : (JSON.parse(text) as StudyModel);

/** A study as it is told, from its row. */
export function studyRecord({ name, config, state, revision, model }: StudyRow): StudyRecord {
  const best = modelOf(model);
  return { name, config: JSON.parse(config) as unknown, state, revision, ...(best && { model: best }) };
}

/** The SHA-256 of bytes, by which a store names them. */
export const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
