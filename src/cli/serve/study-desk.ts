import type { Storage } from "../../storage/storage.ts";
import { deskStudies, type DeskStudies } from "./desk-studies.ts";
import { deskTrials, type DeskTrials } from "./desk-trials.ts";

/** Serves programs that ask for trials and tell how they fared. A trial belongs to whoever got its last attempt. */
export interface StudyDesk extends DeskStudies, DeskTrials {}

/**
 * A desk in front of a storage.
 *
 * @param artifacts where studies that it creates keep their checkpoints; default: in the storage
 */
export const studyDesk = (
  storage: Storage,
  clock: { now(): number },
  note: (line: string) => void,
  artifacts?: string,
): StudyDesk => ({ ...deskStudies(storage, artifacts), ...deskTrials(storage, clock, note) });
