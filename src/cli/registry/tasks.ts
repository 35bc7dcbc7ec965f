/** What the names of a configuration stand for: networks on data sets, and users' own problems. */
import { statSync } from "node:fs";
import { totalmem } from "node:os";
import { basename, extname } from "node:path";

import type { DataReport } from "../../api/data-report.ts";
import type { Warning } from "../../api/warning.ts";
import type { ModuleDocument } from "../../artifacts/model-document.ts";
import type { SupervisedData } from "../../data/supervised-data.ts";
import { methodOf } from "../../methods/lookup.ts";
import type { Network, NetworkDescription } from "../../nn/network.ts";
import { choosesArchitecture } from "../../problem/architecture.ts";
import { foldedTask } from "../../problem/folds.ts";
import type { Task } from "../../problem/problem.ts";
import { defaultLoss, type LossName } from "../../problem/example-losses.ts";
import { type SupervisedOptions, supervised } from "../../problem/supervised.ts";
import { warningsOn } from "../../report/warnings.ts";
import { createSpace } from "../../space/space.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import type { Config } from "../config/config.ts";
import type { LoadOptions } from "../data-sets/data-set-by-name.ts";
import { hypersOf, leftOff } from "../config/hypers.ts";
import { separated, withSettings } from "./optimizer-settings.ts";
import { allInFlags } from "../terminal/in-flags.ts";
import { demandMemory } from "./memory.ts";
import { isModule } from "../modules/network-module.ts";
import { hypersOfNetwork, networkOf } from "./networks.ts";
import { loadProblem } from "../modules/problem-module.ts";
import { traceModule } from "../modules/trace-module.ts";
import { loadData } from "./data-sets.ts";
import { withFolds } from "./folds.ts";

/** A task that a configuration names, with what people should know of it. */
export interface NamedTask {
  /** Short, for a folder's name. */
  readonly name: string;
  readonly task: Task;
  readonly warnings: readonly Warning[];
  /** The data report, where the data is a table. */
  readonly report?: DataReport;
  /** The network that a user's module made, where one did. */
  readonly moduleNetwork?: Network;
  /** What it was made of; absent for a problem of one's own. */
  readonly supervised?: {
    readonly data: SupervisedData;
    readonly loss: LossName;
    readonly classWeights?: "none" | "balanced";
    /** How many networks there are; absent for one. */
    readonly folds?: number;
    /** Absent for a multilayer perceptron. */
    readonly network?: NetworkDescription | Omit<ModuleDocument, "answers">;
  };
}

/**
 * The task of a configuration: a network on a data set, or a user's own problem.
 *
 * @throws {HypertrainError} for data that cannot be read, and for fields that do not go together.
 */
export async function loadTask(config: Config, options: LoadOptions = {}): Promise<NamedTask> {
  if (config.problem !== undefined) {
    const task = await loadProblem(config.problem, config.hyper ?? {}, config);
    await traceModule(config.problem, task, config);
    return { name: basename(config.problem, extname(config.problem)), task, warnings: [] };
  }
  return taskOn(config, await loadData(config, options));
}

/**
 * The task of a configuration on its data.
 *
 * @throws {HypertrainError} for fields that do not go together, or with the data.
 */
export async function taskOn(config: Config, data: SupervisedData): Promise<NamedTask> {
  const { folds } = config;
  const network = await networkOf(config, data);
  demandOpenArchitecture(network, config);
  const usual = hypersOfNetwork(config, network, data);
  const { ofOptimizer, others } = separated(config.hyper ?? usual);
  const [, ...sides] = data.images?.shape ?? [];
  const hypers = hypersOf(network, others, {
    scale: methodOf(config.method).perturbationScale,
    ...(sides.length > 0 && { side: Math.min(...sides) }),
  });
  const size = createSpace(hypers).size;
  demandMemory(config, { network, hypers: size, rows: data.splits.train.rows }, totalmem());
  const { loss = defaultLoss(data), classWeights } = config;
  const weights = classWeights && { classWeights };
  const given = {
    data,
    network,
    hypers,
    loss,
    ...weights,
    ...(config.augment && { augment: config.augment }),
  };
  const task = withSettings(plainTask(config, given), ofOptimizer, config);
  if (isModule(config.model)) await traceModule(config.model, task, config);
  const { warnings, report } = data;
  return {
    name: isFolder(config.data) ? data.name : data.name.replace(/\.[^.]+$/, ""),
    task,
    warnings: [
      ...warningsOn("data", allInFlags(warnings)),
      ...warningsOn("options", toldLeftOff(leftOff(network, others, usual))),
    ],
    supervised: {
      data,
      loss,
      ...weights,
      ...(folds !== undefined && { folds }),
      ...networkDocument(config, network, data),
    },
    ...(isModule(config.model) && { moduleNetwork: network }),
    ...(report && { report: folds === undefined ? report : withFolds(report) }),
  };
}

/** Demands a perceptron where hyperparameters choose the architecture: the network of a table has none to choose. */
function demandOpenArchitecture({ opened }: Network, { model, hyper = {} }: Config): void {
  const name = Object.keys(hyper).find(choosesArchitecture);
  if (opened || name === undefined) return;
  throw inputError(
    `"${oneLine(name)}" must go with --model mlp, whose architecture it chooses, but the network is ${model}; take --model mlp, or leave it out`,
  );
}

/** How many hyperparameters a sentence lists. */
const LISTED = 6;

/** Which hyperparameters are off, of those that are tuned unless a user names others. */
function toldLeftOff(off: readonly string[]): string[] {
  if (off.length === 0) return [];
  const more = off.length > LISTED ? ` and ${off.length - LISTED} more` : "";
  return [
    `--hyper names all that is tuned, and these of the default are off: ${off.slice(0, LISTED).join(", ")}${more}; name those that are to be tuned as well`,
  ];
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** The task of one network, or of as many as there are folds. */
export const plainTask = ({ folds, seed }: Pick<Config, "folds" | "seed">, given: SupervisedOptions): Task =>
  folds === undefined ? supervised(given) : foldedTask({ ...given, folds, seed });

/** What a trained model says of its network; nothing of a multilayer perceptron, which its weights tell. */
function networkDocument(
  { model }: Config,
  { description }: Network,
  data: SupervisedData,
): Pick<NonNullable<NamedTask["supervised"]>, "network"> {
  if (description) return { network: description };
  if (!isModule(model)) return {};
  const { inputShape: example, images, outputs } = data;
  return { network: { module: basename(model), input: images?.shape ?? example, example, outputs } };
}
