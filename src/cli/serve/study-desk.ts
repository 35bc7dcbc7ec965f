import type { Asked, StudySpec, ToldStudy, TrialValues } from "../../api/protocol.ts";
import type { Claim, Storage } from "../../storage/storage.ts";
import { deskStudies } from "./desk-studies.ts";
import { deskTrials } from "./desk-trials.ts";
import type { ToldEnd, ToldPoint } from "./told-trial.ts";

/** Serves programs that ask for trials and tell how they fared. A trial belongs to whoever got its last attempt. */
export interface StudyDesk {
  create(spec: StudySpec): Promise<{ readonly name: string; readonly created: boolean }>;
  list(): Promise<readonly { readonly name: string; readonly state: string; readonly best: number | null }[]>;
  show(study: string): Promise<ToldStudy>;
  enqueue(study: string, values: TrialValues): Promise<void>;
  stop(study: string): Promise<void>;
  ask(
    study: string,
    options: {
      readonly worker?: string | undefined;
      readonly lease?: number | undefined;
      /** What the program calls this question: where the answer got lost, the same one gets the same trial. */
      readonly request?: string | undefined;
    },
  ): Promise<Asked>;
  heartbeat(claim: Claim): Promise<void>;
  /** A loss on the way. @returns whether the trial's budget is not reached yet */
  report(claim: Claim, point: ToldPoint): Promise<boolean>;
  tell(claim: Claim, end: ToldEnd): Promise<void>;
  keep(claim: Claim, checkpoint: Uint8Array): Promise<void>;
  checkpoint(study: string, trial: number): Promise<Uint8Array>;
  /** Takes trials from programs that are silent for longer than they said. */
  watch(): Promise<void>;
}

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
