import type { Engine } from "../../engine/engine.ts";
import type { Task } from "../../problem/problem.ts";
import { createSearchRun, type Searcher } from "../../study/search-run.ts";
import { createRun, type Environment, type Run, type RunOptions } from "../../tuners/run.ts";
import type { Snapshot } from "../../tuners/snapshot.ts";
import { loneRowsOfTrials } from "../../tuners/lone-rows.ts";
import { epochSteps } from "../../tuners/run-options.ts";
import { endlessRun } from "../../tuners/tuner.ts";
import type { SizedConfig } from "../config/config.ts";
import { allInFlags } from "../terminal/in-flags.ts";
import { stepsPerEpochOf, trialEpochsOf } from "./job.ts";
import { isSearch, type SearchName } from "../../methods/lookup.ts";
import { tunerOf } from "../registry/tuners.ts";
import type { NamedTask } from "../registry/tasks.ts";
import { searchable } from "../registry/searchable.ts";
import { studyGoals } from "../study/study-goals.ts";
import { trainingOptions } from "./run-options.ts";
import { demandSearchable, searchParts } from "../registry/search-parts.ts";

/**
 * The run of a configuration's method: one training, or a search with all of its trainings.
 *
 * @param from a snapshot of an earlier run of the same configuration
 * @throws {HypertrainError} where the method cannot do this problem.
 */
export async function methodRun(
  config: SizedConfig,
  named: NamedTask,
  engine: Engine,
  options: RunOptions,
  environment: Environment,
  from?: Snapshot,
): Promise<Run> {
  const stepsPerEpoch = stepsPerEpochOf(config, named);
  const { method } = config;
  const { task } = named;
  if (!isSearch(method)) {
    const tuner = await tunerOf(config, stepsPerEpoch);
    return createRun(task, tuner, engine, options, environment, from);
  }
  const { task: bounded, ...searcher } = await searchOf(config, named, method);
  const goals = studyGoals(config, bounded.problem);
  const search = { ...searcher, ...(goals && { goals }) };
  return createSearchRun(bounded, search, engine, options, environment, from);
}

/** What the trainings of a search say before the first begins. */
export function remarksOfSearch(
  config: SizedConfig,
  { task, tuner }: Awaited<ReturnType<typeof searchOf>>,
): string[] {
  const stepsPerEpoch = epochSteps(task.data.train.rows, config.batchSize);
  const prepared = tuner.prepare(task, config.seed, endlessRun);
  return allInFlags(loneRowsOfTrials(task, prepared, trainingOptions(config, stepsPerEpoch)));
}

/**
 * What a search is made of: how it suggests, spends epochs and trains, and the task with an end to every range.
 *
 * @throws {HypertrainError} where the method cannot do this problem.
 */
export async function searchOf(
  config: SizedConfig,
  named: NamedTask,
  method: SearchName,
): Promise<Searcher & { readonly task: Task }> {
  const stepsPerEpoch = stepsPerEpochOf(config, named);
  const { problem } = named.task;
  const task = { ...named.task, problem: { ...problem, space: searchable(problem.space) } };
  await demandSearchable(method, task.problem);
  const { sampler, scheduler } = await searchParts(method);
  const epochs = trialEpochsOf(config, stepsPerEpoch);
  return {
    task,
    sampler: sampler(),
    scheduler: scheduler(epochs),
    tuner: await tunerOf({ ...config, method: "fixed", epochs }, stepsPerEpoch), // schedules are of one training
  };
}
