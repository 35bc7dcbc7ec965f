import { crc32 } from "node:zlib";

import { crcDigits } from "../util/crc32.ts";
import { workError } from "../util/error.ts";
import type { Tables } from "./tables.ts";

/** The checksum of a row's parts. */
export const sumOf = (parts: readonly unknown[]): string => crcDigits(crc32(JSON.stringify(parts)));

/**
 * Lets rows of a store pass whose checksum is that of their parts.
 *
 * @param store its name in messages
 */
export function unlessDamaged(store: string) {
  return <T extends { readonly sum: string }>(row: T, parts: readonly unknown[], what: string): T => {
    if (row.sum === sumOf(parts)) return row;
    throw workError(
      `${what} in ${store} must be as hypertrain wrote it, but its checksum differs: the store is damaged, or was changed by hand; restore a copy`,
    );
  };
}

/*
 * What a row's checksum covers: all but beats and worker, which say nothing of a result and change without the record. `state`, `attempt`
 * and `checkpoint` stand in a trial's record, too; they are covered since claims are found by them.
 */
type Unsummed<T> = Omit<T, "sum">;
/** What the checksum of a study covers. */
export const studyParts = ({ name, config, state, revision, model, trials }: Unsummed<Tables["study"]>) => [
  ...[name, config, state, revision, model, trials],
];
type TrialParts = Pick<
  Tables["trial"],
  "number" | "revision" | "state" | "attempt" | "checkpoint" | "record"
>;
/** What that of a trial covers. */
export const trialParts = ({ number, revision, state, attempt, checkpoint, record }: TrialParts) => [
  number,
  revision,
  state,
  attempt,
  checkpoint,
  record,
];
/** What that of an evaluation covers. */
export const pointParts = ({ trial, budget, seq, point }: Omit<Tables["point"], "sum" | "study">) => [
  trial,
  budget,
  seq,
  point,
];
