import type { StartReport, TrainingReport } from "../api/examples-report.ts";
import { parametersOf } from "../nn/layer.ts";
import type { Hyper } from "../space/space.ts";
import { isText, type Config } from "./config.ts";
import { settledConfig, stepsPerEpochOf } from "./job.ts";
import type { NamedTask } from "./registry/tasks.ts";

/** How a configuration would train on a task. @throws {HypertrainError} for fields that do not go with its method. */
export function trainingReport(config: Config, named: NamedTask): TrainingReport {
  const { layers = [], space } = named.task.problem;
  const { method, model, batchSize, epochs } = settledConfig(config, named);
  const { rows } = named.task.data.train;
  return {
    ...{ method, network: model },
    weights: layers.reduce((sum, layer) => sum + parametersOf(layer), 0),
    hyperparameters: Object.fromEntries(
      Object.entries<Hyper>(space.hypers).map(([name, hyper]) => [name, startOf(hyper)]),
    ),
    batchSize: Math.min(batchSize, rows),
    stepsPerEpoch: stepsPerEpochOf(config, named),
    ...(epochs !== undefined && { epochs }),
    ...(isText(config) && { streams: Math.min(batchSize, rows) }),
  };
}

function startOf(hyper: Hyper): StartReport {
  if (hyper.kind === "choice") return { start: hyper.start };
  const { start, low, high } = hyper;
  return { start, ...(Number.isFinite(low) && { low }), ...(Number.isFinite(high) && { high }) };
}
