import type { TracePoint } from "../api/trace.ts";
import type { HyperValues } from "../space/space.ts";
import type { Topic } from "./hearing.ts";
import type { NextSegment, TrialRecord } from "../study/next-segment.ts";

/** A study as it is stored. */
export interface StudyRecord {
  readonly name: string;
  /** What its workers make problem, method and limits of: JSON. */
  readonly config: unknown;
  /** `done` when nothing is left to train, `stopped` when somebody said so. */
  readonly state: "open" | "done" | "stopped";
  /** Raised by every change of the study or one of its trials. */
  readonly revision: number;
  /** The best network so far. */
  readonly model?: StudyModel;
}

/** A network that a study keeps: the best epoch of its best trial. */
export interface StudyModel {
  readonly trial: number;
  readonly point: TracePoint;
  /** The digest of the weights. */
  readonly sha: string;
}

/** The right to train a segment, until another worker claims it. */
export interface Claim {
  readonly study: string;
  /**
   * The study's room among the artifacts: another study of the same name, begun when this one was removed, has another. A claim without it
   * is one to whichever study has the name.
   */
  readonly room?: string | undefined;
  readonly trial: number;
  readonly attempt: number;
}

/** A segment that a worker holds, as far as others can tell. */
export interface HeldSegment extends Claim {
  readonly room: string;
  /** What the worker called itself. */
  readonly worker: string;
  /** How often it has said that it is alive. */
  readonly beats: number;
}

/** A claimed segment, or why there is none. */
export type Claimed =
  | {
      readonly kind: "segment";
      readonly claim: Claim;
      readonly trial: TrialRecord;
      /** The validation loss of the study's network, which only a better one replaces. */
      readonly best?: number;
    }
  | Exclude<NextSegment, { kind: "segment" }>;

/** Decides what is next from all trials, and the values that were enqueued: a pure function. */
export type Decide = (
  trials: readonly TrialRecord[],
  enqueued: readonly Readonly<HyperValues>[],
) => NextSegment;

/** How a segment ended. */
export type SegmentEnd =
  /** Its budget was reached; `complete` where nothing goes on with it. `model` is its best network, kept if it is the study's. */
  | {
      readonly kind: "trained";
      readonly complete: boolean;
      readonly snapshot?: Uint8Array;
      readonly model?: { readonly point: TracePoint; readonly weights: Uint8Array };
      /** Its last evaluations, where those were not reported. */
      readonly evaluations?: readonly TrialEvaluation[];
    }
  | { readonly kind: "failed"; readonly reason: string }
  /** It was not trained to its end: whoever comes next goes on from its checkpoint. */
  | { readonly kind: "handed back" };

/**
 * Where studies live, for any number of processes at once.
 *
 * Every change of a study is one transaction under a lock of that study.
 *
 * All methods throw a HypertrainError of the code `work` where the storage cannot be reached, or is damaged: every study, trial and
 * evaluation carries a checksum.
 */
export interface Storage extends StudyReadings, StudyLifecycle, StudyActs, StudyClaims, AsyncDisposable {}

/** What can be read of studies, and when to read it again. */
export interface StudyReadings {
  /** Where the storage is, for people: without passwords. */
  readonly name: string;
  /** Whether it can only be looked at: whatever would change it is refused. */
  readonly readOnly: boolean;
  /**
   * Waits until somebody, this process included, may have changed something since the last call, but not for ever: look then. PostgreSQL
   * tells at once.
   *
   * @param topic "segments" for trials that begin and end, and values that wait; "anything" for evaluations as well
   */
  changed(topic: Topic, signal?: AbortSignal): Promise<void>;
  find(name: string): Promise<StudyRecord | undefined>;
  list(): Promise<readonly StudyRecord[]>;
  /** Values that wait for a trial, the first first. */
  enqueued(study: string): Promise<readonly Readonly<HyperValues>[]>;
  /** By number. */
  trials(study: string): Promise<readonly TrialRecord[]>;
  /** Some trials by number, none of which is kept in memory: for whoever looks at a large study. */
  someTrials(study: string, which: TrialPick): Promise<PickedTrials>;
  /** Evaluations of all trials, or of those from one number to before another, in the order in which they were made. */
  points(study: string, trials?: NumberRange): Promise<readonly StoredPoint[]>;
  /** What was decided, in order. */
  decisions(study: string): Promise<readonly unknown[]>;
  /** Segments that some worker holds. */
  held(study: string): Promise<readonly HeldSegment[]>;
  /** Bytes of a study, or of any, by their digest, which they are held against; undefined where nothing names them. */
  artifact(study: string | undefined, sha: string): Promise<Uint8Array | undefined>;
  /** Who trained what when: the last segments, in the order in which they began. */
  segments(study: string, most: number): Promise<readonly StoredSegment[]>;
  /** Now by the clock that times segments, the database's, in seconds since 1970: the only one that all who look and work have in common. */
  now(): Promise<number>;
  /** What was written, that about the study first. */
  notes(study: string): Promise<readonly Note[]>;
}

/** How a study begins, ends, begins again and goes. */
export interface StudyLifecycle {
  /**
   * @param artifacts where its snapshots and weights are kept, for good: `sql`, the default, for the storage itself, `file:DIR` or
   * `s3://BUCKET/PREFIX`
   * @param trials its first, which have ended elsewhere
   * @returns whether it was created; false where one of that name exists
   */
  create(
    name: string,
    config: unknown,
    artifacts?: string,
    trials?: readonly TrialRecord[],
  ): Promise<boolean>;
  /**
   * Demands that a study's artifacts can be read and written from here.
   *
   * @param artifacts where they must be
   * @throws {HypertrainError} in one sentence where they cannot, or are elsewhere.
   */
  reach(name: string, artifacts?: string): Promise<void>;
  /** Removes a study with all that belongs to it. @returns places of artifacts that are out of reach now; these go when somebody reaches them */
  remove(name: string): Promise<readonly string[]>;
  /** Lets workers end. */
  stop(name: string): Promise<void>;
  /**
   * Lets workers begin again, with another configuration.
   *
   * @param configOf says it of the study as it is, and of how many trials were made; undefined leaves all as it is
   * @returns whether there is such a study
   */
  reopen(name: string, configOf: (study: StudyRecord, made: number) => unknown): Promise<boolean>;
}

/** What people do to the trials of a study while workers train them. */
export interface StudyActs {
  /**
   * Lets one of the next trials try these values, where one is left for them.
   *
   * @param mostOf says how many trials the study has in all
   */
  enqueue(
    study: string,
    values: Readonly<HyperValues>,
    mostOf: (study: StudyRecord) => number,
  ): Promise<EnqueueResult>;
  /** Lets a trial that has not ended fail. @returns whether there was such a trial */
  fail(study: string, trial: number, reason: string): Promise<boolean>;
  /** Lets a trial that failed be trained once more, from its checkpoint or anew, and its study go on. @returns whether there was such a trial */
  retry(study: string, trial: number): Promise<boolean>;
  /** Keeps what somebody wrote about a trial, or about the study; an empty text is removed. */
  annotate(study: string, trial: number | undefined, text: string): Promise<void>;
}

/** What workers do. A worker's changes hold only as long as its claim does: each answers whether it did, and changes nothing where not. */
export interface StudyClaims {
  /**
   * Decides what is next, and takes it, in one transaction.
   *
   * @param room of the study that the worker knows, as in its claims; another one of the name is done for it
   */
  claim(study: string, worker: string, next: Decide, room?: string): Promise<Claimed>;
  /** Says that the worker lives. */
  beat(claim: Claim): Promise<boolean>;
  /**
   * An evaluation of a program; that before the first step, of budget 0, is no part of the curve.
   *
   * @throws {HypertrainError} of the code `input`, where this attempt has reported a later one, or another at the same budget.
   */
  report(claim: Claim, budget: number, point: TracePoint): Promise<boolean>;
  /** Several evaluations of a training of hypertrain's own in one change, the first first. */
  reportAll(claim: Claim, evaluations: readonly TrialEvaluation[]): Promise<boolean>;
  /** Where training would go on after a crash. */
  checkpoint(claim: Claim, snapshot: Uint8Array): Promise<boolean>;
  tell(claim: Claim, end: SegmentEnd): Promise<boolean>;
  /** Tells the end of a segment, and claims the next one, in one transaction. @returns nothing where the claim did not hold */
  tellAndClaim(claim: Claim, end: SegmentEnd, worker: string, next: Decide): Promise<Claimed | undefined>;
  /** Takes a segment from a worker that died; the third time the trial fails. */
  release(claim: Claim): Promise<boolean>;
}

/** What came of values that were to wait for a trial. */
export interface EnqueueResult {
  readonly added: boolean;
  /** How many trials were made. */
  readonly made: number;
  /** How many values wait, these included. */
  readonly waiting: number;
}

/** An evaluation of the trial that is trained. */
export type TrialEvaluation = Omit<StoredPoint, "trial">;

/** Numbers from one to before another. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** Which trials: those in a range; those that changed after a revision, all from the number `known` on among them; or some by their numbers. */
export type TrialPick =
  NumberRange | { readonly after: number; readonly known: number } | { readonly numbers: readonly number[] };

/** Trials, and how their study was when they began to be read. */
export interface PickedTrials {
  readonly trials: readonly TrialRecord[];
  /** That of their study, as in `Claim`; undefined where there is none. */
  readonly room: string | undefined;
  readonly revision: number;
  /** How many trials there are. */
  readonly of: number;
}

/** An evaluation of a trial. */
export interface StoredPoint {
  readonly trial: number;
  /** Epochs of the trial. */
  readonly budget: number;
  readonly point: TracePoint;
}

/** What somebody wrote about a trial, or about the study. */
export interface Note {
  readonly trial?: number;
  readonly text: string;
}

/** A segment as it went; times are those of the database, in seconds since 1970. */
export interface StoredSegment {
  readonly trial: number;
  readonly attempt: number;
  /** What the worker called itself. */
  readonly worker: string;
  /** How far the trial was trained before. */
  readonly start: number;
  readonly began: number;
  /** The last that was heard of it. */
  readonly heard: number;
  /** How it ended; null while it is trained. */
  readonly ended: "trained" | "failed" | "handed back" | "died" | null;
}
