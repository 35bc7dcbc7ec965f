/* What `hypertrain serve` and its clients say to each other, as JSON. */

/** A hyperparameter of a study that a program searches. */
export type HyperSpec =
  /** A number above `low` and below `high`; with `log`, equal steps are equal ratios. */
  | { readonly kind: "real"; readonly low: number; readonly high: number; readonly log?: boolean | undefined }
  /** A whole number from `low` to `high`. */
  | {
      readonly kind: "integer";
      readonly low: number;
      readonly high: number;
      readonly log?: boolean | undefined;
    }
  /** One of some values. */
  | { readonly kind: "choice"; readonly options: readonly (string | number | boolean)[] };

/** What a study searches, and how. */
export interface StudySpec {
  readonly name: string;
  readonly space: Readonly<Record<string, HyperSpec>>;
  /** Default `tpe`; `hyperband`, `asha` and others end bad trials early. */
  readonly method?: string | undefined;
  /** No more trials than these are started; default 100. */
  readonly trials?: number | undefined;
  /** What a trial is trained for at most, in units of one's own, such as epochs; default 1. */
  readonly budget?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** What is to be small or large, by names: `loss`, or a measure that is told with it; default the loss. Several need the method `nsga-2`. */
  readonly objectives?: Readonly<Record<string, "minimize" | "maximize">> | undefined;
  /** What measures must keep; methods that learn come to trials within them first. */
  readonly bounds?:
    | Readonly<Record<string, { readonly least?: number | undefined; readonly most?: number | undefined }>>
    | undefined;
}

/** Values by name. */
export type TrialValues = Readonly<Record<string, number | string | boolean | readonly number[]>>;

/** What a program that asks for work gets. */
export type Asked =
  | {
      readonly kind: "trial";
      readonly trial: number;
      /** Raised by every claim: it must come with all that is told of the trial. */
      readonly attempt: number;
      /** Names this very study: another of its name, made when this one was deleted, has another. What is told with it is never taken for the other's. */
      readonly room: string;
      readonly values: TrialValues;
      /** How far the trial is trained already, from its checkpoint if it has one. */
      readonly from: number;
      /** How far it is to be trained now. */
      readonly to: number;
      /** Seconds without a sign of life after which another may get the trial. */
      readonly lease: number;
      readonly checkpoint: boolean;
    }
  /** Others still work on what decides what is next; ask again. */
  | { readonly kind: "wait" }
  | { readonly kind: "done" };

/** A trial as a study tells of it. */
export interface ToldTrial {
  readonly number: number;
  readonly state: string;
  readonly values: TrialValues;
  /** Its lowest loss; null before the first. */
  readonly best: number | null;
  readonly attempt: number;
  /** What it measured at its lowest loss, and cost, in a study with objectives or bounds. */
  readonly measures?: Readonly<Record<string, number>>;
  /** Stands where it breaks the study's bounds. */
  readonly beyond?: true;
  /** The digest of what it would go on from, if it keeps that: `GET /v1/artifacts/DIGEST`. */
  readonly checkpoint?: string;
  /** Why it failed. */
  readonly reason?: string;
}

/** A study with its trials. */
export interface ToldStudy {
  readonly name: string;
  readonly state: string;
  /** The number of its best trial: of the lowest loss within its bounds; null before the first. */
  readonly best: number | null;
  /** The numbers of its trials within its bounds that no other is better than in all its objectives, ordered by the first. */
  readonly front: readonly number[];
  /** Of a study that hypertrain trains: the trial of its best network, and the digest of that network's weights. */
  readonly model?: { readonly trial: number; readonly sha: string };
  readonly trials: readonly ToldTrial[];
}
