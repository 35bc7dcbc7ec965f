import type { Engine } from "../engine/engine.ts";
import { createSearchRun } from "../study/search-run.ts";
import { createRun, type Environment, type Run, type RunOptions } from "../tuners/run.ts";
import type { Snapshot } from "../tuners/snapshot.ts";
import { isSearch, type Config } from "./config.ts";
import { stepsPerEpochOf, trialEpochsOf } from "./job.ts";
import { tunerOf, type NamedTask } from "./registry.ts";
import { searchable } from "./searchable.ts";
import { demandSearchable, searches } from "./searches.ts";

/**
 * The run of a configuration's method: one training, or a search with all of its trainings.
 *
 * @param from a snapshot of an earlier run of the same configuration
 * @throws {HypertrainError} where the method cannot do this problem.
 */
export function methodRun(
  config: Config,
  named: NamedTask,
  engine: Engine,
  options: RunOptions,
  environment: Environment,
  from?: Snapshot,
): Run {
  const stepsPerEpoch = stepsPerEpochOf(config, named);
  const { method } = config;
  const { task } = named;
  if (!isSearch(method)) {
    return createRun(task, tunerOf(config, stepsPerEpoch), engine, options, environment, from);
  }
  const bounded = { ...task, problem: { ...task.problem, space: searchable(task.problem.space) } };
  demandSearchable(method, bounded.problem);
  const { sampler, scheduler } = searches[method];
  const searcher = {
    sampler: sampler(),
    scheduler: scheduler(trialEpochsOf(config, stepsPerEpoch)),
    tuner: tunerOf({ ...config, method: "fixed" }, stepsPerEpoch),
  };
  return createSearchRun(bounded, searcher, engine, options, environment, from);
}
