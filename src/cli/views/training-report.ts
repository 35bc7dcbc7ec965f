import type { StartReport, TrainingReport } from "../../api/examples-report.ts";
import { parametersOf } from "../../nn/layer.ts";
import type { Hyper } from "../../space/space.ts";
import { isText, type Config, type SizedConfig } from "../config/config.ts";
import { isSearch } from "../../methods/lookup.ts";
import { sentencesOn } from "../../report/warnings.ts";
import { planRun } from "../../tuners/run-plan.ts";
import { allInFlags } from "../terminal/in-flags.ts";
import { remarksOfSearch, searchOf } from "../run/method-run.ts";
import { runOptions } from "../run/run-options.ts";
import { tunerOf } from "../registry/tuners.ts";
import { settledConfig, stepsPerEpochOf, warningsOf } from "../run/job.ts";
import type { NamedTask } from "../registry/tasks.ts";

/**
 * How a configuration would train on a task.
 *
 * @throws {HypertrainError} for fields that do not go with its method, and for a task that it cannot do.
 */
export async function trainingReport(config: Config, named: NamedTask): Promise<TrainingReport> {
  const { layers = [], space } = named.task.problem;
  const settled = settledConfig(config, named);
  const { method, model, batchSize, epochs, folds } = settled;
  const { rows } = named.task.data.train;
  return {
    ...{ method, network: model },
    weights: layers.reduce((sum, layer) => sum + parametersOf(layer), 0),
    ...(folds !== undefined && { folds }),
    hyperparameters: Object.fromEntries(
      Object.entries<Hyper>(space.hypers).map(([name, hyper]) => [name, startOf(hyper)]),
    ),
    batchSize: Math.min(batchSize, rows),
    stepsPerEpoch: stepsPerEpochOf(config, named),
    ...(epochs !== undefined && { epochs }),
    ...(isText(config) && { streams: Math.min(batchSize, rows) }),
    warnings: [...sentencesOn("options", warningsOf(settled, named)), ...(await remarksOf(settled, named))],
  };
}

/** What a run says before it begins. */
async function remarksOf(config: SizedConfig, named: NamedTask): Promise<readonly string[]> {
  if (isSearch(config.method)) return remarksOfSearch(config, await searchOf(config, named, config.method));
  const tuner = await tunerOf(config, stepsPerEpochOf(config, named));
  return allInFlags(planRun(named.task, tuner, runOptions(config, named)).plan.remarks);
}

function startOf(hyper: Hyper): StartReport {
  if (hyper.kind === "choice") return { start: hyper.start };
  const { start, low, high } = hyper;
  return { start, ...(Number.isFinite(low) && { low }), ...(Number.isFinite(high) && { high }) };
}
