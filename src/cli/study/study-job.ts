import { lossUnitOf } from "../../report/loss-unit.ts";
import type { StudyReadings, StudyRecord } from "../../storage/storage.ts";
import type { StudyPlan } from "../../study/next-segment.ts";
import { inputError } from "../../util/error.ts";
import { firstOf } from "../../util/first-of.ts";
import { parseConfig, type Config } from "../config/config.ts";
import { partOf } from "../config/fields.ts";
import { isSearch, type SearchName } from "../../methods/lookup.ts";
import { loadJob, type Job, type JobOptions } from "../run/job.ts";
import { searchOf } from "../run/method-run.ts";
import { areNotTheSame, changesOf, knownPartsOf } from "../run/origin.ts";
import type { NamedTask } from "../registry/tasks.ts";
import { isAsked, isCompared, readStudyConfig, type StudyConfig } from "./study-config.ts";
import { studyGoals } from "./study-goals.ts";

/** What a study is stored with that hypertrain trains itself. @throws {HypertrainError} for one of other programs, or a comparison. */
export function trainedConfigOf(study: StudyRecord): StudyConfig {
  const config = readStudyConfig(study);
  if (isCompared(config)) {
    throw inputError(
      `a study that \`hypertrain tune\` goes on with must be its own, but "${study.name}" is a comparison; choose another name with --study`,
    );
  }
  if (!isAsked(config)) return config;
  throw inputError(
    `a study that hypertrain trains must have been begun by \`hypertrain tune\`, but "${study.name}" is of programs that ask \`hypertrain serve\`; choose another name with --study`,
  );
}

/** A study with all that its configuration's names stand for. */
export interface StudyJob extends Job {
  readonly study: string;
  readonly plan: StudyPlan;
  readonly search: Awaited<ReturnType<typeof searchOf>>;
}

/** What a study is stored with; its baseline is the command's. */
export async function studyConfigOf(job: StudyJob): Promise<StudyConfig> {
  const { trials: _, ...config } = partOf(job.config, "training", "data");
  const { trials, space } = job.plan;
  return {
    config: { ...config, baseline: true },
    trials,
    origin: await knownPartsOf(job),
    space: space.hypers,
    ...unitOfLosses(job.named),
  };
}

/** What the losses of a study's trials are in, as it is stored with the study. */
export function unitOfLosses({ supervised }: NamedTask): Pick<StudyConfig, "lossUnit"> {
  const lossUnit = supervised && lossUnitOf(supervised);
  return lossUnit === undefined ? {} : { lossUnit };
}

/**
 * Loads what a study of a storage trains, as it was when the study began.
 *
 * @throws {HypertrainError} where there is no such study, or data, module or versions are not the same here.
 */
export async function loadStudy(
  storage: StudyReadings,
  study: string,
  options: JobOptions & { readonly threads?: number },
): Promise<StudyJob> {
  const found = await storage.find(study);
  if (!found) {
    const names = (await storage.list()).map(({ name }) => name);
    throw inputError(
      `--study must name a study of ${storage.name}, but got "${study}"; it has ${firstOf(names)}`,
    );
  }
  const stored = trainedConfigOf(found);
  const config = parseConfig(stored.config, (field) => `"${field}" of the study ${study}`);
  const job = await loadJob({ ...config, ...(options.threads && { threads: options.threads }) }, options);
  const changed = changesOf(stored.origin, await knownPartsOf(job), job);
  if (changed.length > 0) {
    throw inputError(
      `workers must have what the study "${study}" was begun with, but ${areNotTheSame(changed)} here; restore that, or begin another study`,
    );
  }
  return studyJob(job, study, stored.trials);
}

/** A job as a study. @throws {HypertrainError} where its method is no search, or cannot do this problem. */
export async function studyJob(job: Job, study: string, trials: number): Promise<StudyJob> {
  const { method, seed } = job.config;
  const search = await searchOf(
    job.config,
    job.named,
    demandSearch(method, job.auto && `auto, here ${method}`),
  );
  const { sampler, scheduler, task } = search;
  const goals = studyGoals(job.config, task.problem);
  const plan = { space: task.problem.space, sampler, scheduler, seed, trials, ...(goals && { goals }) };
  return { ...job, study, search, plan };
}

/** Demands a method that trains again and again. @throws {HypertrainError} */
export function demandSearch(method: Config["method"], called: string = method): SearchName {
  if (isSearch(method)) return method;
  throw inputError(
    `--store must go with a method that trains several times, such as random, tpe or hyperband, but got ${called}; leave --store out, or take one of these with --method`,
  );
}
