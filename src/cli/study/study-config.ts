import type { Origin } from "../../artifacts/origin.ts";
import type { MethodName, SearchName } from "../../methods/lookup.ts";
import type { Goals } from "../../search/goals.ts";
import type { SpaceHypers } from "../../space/space.ts";
import type { StudyRecord } from "../../storage/storage.ts";
import { workError } from "../../util/error.ts";
import { isRecord } from "../../util/record.ts";
import { oneLine } from "../../util/text.ts";
import type { Config } from "../config/config.ts";

/* What studies are stored with. This file loads nothing of what trains. */

/** What any study is stored with: JSON. */
export interface AnyStudyConfig {
  /** No more trials than these are started. */
  readonly trials: number;
  /** What is searched, by name. */
  readonly space: SpaceHypers;
  /** What the losses are in; absent where that is plain, or not known, as of other programs. */
  readonly lossUnit?: string;
}

/** What a study that hypertrain trains is stored with. */
export interface StudyConfig extends AnyStudyConfig {
  readonly config: Partial<Config>;
  readonly origin: Pick<Origin, "data" | "problem" | "network" | "answers" | "versions">;
}

/** What a study of other programs is stored with, that ask and tell. */
export interface AskedStudyConfig extends AnyStudyConfig {
  readonly asked: {
    readonly method: SearchName;
    readonly seed: number;
    /** What a trial is trained for at most, in units of the program's own. */
    readonly budget: number;
    /** What is followed besides the lowest loss. */
    readonly goals?: Goals;
  };
}

/**
 * What a comparison is stored with: a study whose trials are its pairs. A pair is one trial, searches included, whose trainings share
 * one budget: with their trainings on several workers the time of a search would be that of several machines.
 */
export interface ComparedStudyConfig extends AnyStudyConfig {
  readonly compared: {
    readonly config: Partial<Config>;
    /** Absent where only gradients are counted. */
    readonly seconds?: number;
    readonly budgetSteps?: number;
    /** In the order in which they are begun. */
    readonly pairs: readonly { readonly method: MethodName; readonly seed: number }[];
  };
  readonly origin: StudyConfig["origin"];
}

/** What a study is stored with, of whatever kind. */
export type StoredStudyConfig = StudyConfig | AskedStudyConfig | ComparedStudyConfig;

/** What a study is stored with. @throws {HypertrainError} for what this version of hypertrain does not write. */
export function readStudyConfig({ name, config }: Pick<StudyRecord, "name" | "config">): StoredStudyConfig {
  const stored = isRecord(config) ? config : {};
  const { trials, space, asked, compared, origin } = stored;
  const parts = asked === undefined ? [space, origin, compared ?? stored["config"]] : [space, asked];
  const isWhole = Number.isInteger(trials) && parts.every(isRecord);
  if (isWhole && (!isRecord(compared) || Array.isArray(compared["pairs"]))) {
    return config as StoredStudyConfig; // its parts are those of one of them
  }
  throw workError(
    `the study "${oneLine(name)}" must be stored as a search, a comparison or a study of programs, but has ${oneLine(Object.keys(stored).join(", ")) || "nothing of them"}; use the version of hypertrain that began it, or restore a copy of the store`,
  );
}

/** Whether a study is a comparison. */
export const isCompared = (config: StoredStudyConfig): config is ComparedStudyConfig => "compared" in config;

/** Whether other programs train a study's trials. */
export const isAsked = (config: StoredStudyConfig): config is AskedStudyConfig => "asked" in config;
