/**
 * What the names of a configuration stand for: the only place where data sets, networks, tuners, optimizers, responses and
 * engines are looked up.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { totalmem } from "node:os";
import { basename, extname } from "node:path";

import type { DataReport } from "../api/data-report.ts";
import type { ModuleDocument } from "../artifacts/model-document.ts";
import type { BundledOptions } from "../data/bundled.ts";
import { readBundled } from "../data/node/bundled.ts";
import { downloadImageSet } from "../data/node/download-image-set.ts";
import type { DownloadProgress } from "../data/node/download.ts";
import type { CifarSet } from "../data/cifar.ts";
import { isEmnist, type ImageSet } from "../data/mnist.ts";
import { downloadCifar, readCifar } from "../data/node/cifar.ts";
import { readImageFolder } from "../data/node/image-folder.ts";
import { readImageSet } from "../data/node/mnist.ts";
import { readTableData } from "../data/node/read.ts";
import { readText } from "../data/node/text.ts";
import type { PartSize, PartSizes } from "../data/split.ts";
import type { SupervisedData } from "../data/supervised-data.ts";
import type { TableDataOptions } from "../data/table-data.ts";
import type { TokenKind } from "../data/text.ts";
import type { Engine } from "../engine/engine.ts";
import { jaxEngine } from "../engine/jax.ts";
import { heavyBall } from "../hypergrad/heavy-ball.ts";
import type { Network, NetworkDescription } from "../nn/network.ts";
import { adam } from "../nn/optim/adam.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { rmsprop } from "../nn/optim/rmsprop.ts";
import { constant, cosine, stepDecay, type Schedule } from "../nn/optim/schedule.ts";
import { sgd } from "../nn/optim/sgd.ts";
import type { Task } from "../problem/problem.ts";
import { createSpace } from "../space/space.ts";
import { foldedTask } from "../problem/folds.ts";
import { defaultLoss, supervised, type LossName } from "../problem/supervised.ts";
import { dense } from "../response/dense.ts";
import { factored } from "../response/factored.ts";
import { gate } from "../response/gate.ts";
import {
  elementwiseHypernet,
  factoredHypernet,
  linearHypernet,
  mlpHypernet,
  type Hypernet,
} from "../response/hypernet.ts";
import { lowRank } from "../response/low-rank.ts";
import type { Response } from "../response/response.ts";
import { centeredStn } from "../tuners/centered-stn.ts";
import { drmad } from "../tuners/drmad.ts";
import { forwardUnrolled } from "../tuners/forward-unrolled.ts";
import type { HypergradientOptions } from "../tuners/hypergradient-training.ts";
import { implicitCg, implicitNeumann, t1T2 } from "../tuners/implicit.ts";
import { reversible } from "../tuners/reversible.ts";
import { unrolled } from "../tuners/unrolled.ts";
import { deltaStn } from "../tuners/delta-stn.ts";
import { fixed, type FixedOptions } from "../tuners/fixed.ts";
import {
  globalHyperTraining,
  hyperTraining,
  simplifiedHyperTraining,
  type HyperTrainingOptions,
} from "../tuners/hyper-training.ts";
import { smash } from "../tuners/smash.ts";
import { stn, type StnOptions } from "../tuners/stn.ts";
import type { Tuner } from "../tuners/tuner.ts";
import { inputError } from "../util/error.ts";
import { nearest } from "../util/nearest.ts";
import { shown } from "../util/text.ts";
import { DEFAULT_CANDIDATES, isHyperTraining, optimizerOf, type Config } from "./config.ts";
import { flagOf, type FieldName } from "./fields.ts";
import { hypersOf, separated, withSettings } from "./hypers.ts";
import { demandMemory } from "./memory.ts";
import { isModule } from "./network-module.ts";
import { hypersOfNetwork, networkOf } from "./networks.ts";
import { loadProblem } from "./problem-module.ts";

/** A task that a configuration names, with what people should know of its data. */
export interface NamedTask {
  /** Short, for a folder's name. */
  readonly name: string;
  readonly task: Task;
  readonly warnings: readonly string[];
  /** The data report, where the data is a table. */
  readonly report?: DataReport;
  /** What it was made of; absent for a problem of one's own. */
  readonly supervised?: {
    readonly data: SupervisedData;
    readonly loss: LossName;
    /** Absent for a multilayer perceptron. */
    readonly network?: NetworkDescription | ModuleDocument;
  };
}

/** What loading a task needs from outside. */
export interface LoadOptions {
  readonly onDownload?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Whether the validation rows train as well. */
  readonly joined?: boolean;
}

/**
 * The task of a configuration: a network on a data set, or a user's own problem.
 *
 * @throws {HypertrainError} for data that cannot be read, and for fields that do not go together.
 */
export async function loadTask(config: Config, options: LoadOptions = {}): Promise<NamedTask> {
  if (config.problem !== undefined) {
    return {
      name: basename(config.problem, extname(config.problem)),
      task: await loadProblem(config.problem, config.hyper ?? {}, config),
      warnings: [],
    };
  }
  const { folds } = config;
  if (folds !== undefined) demandRandomParts(config);
  const data = await loadData(config, folds === undefined ? options : { ...options, joined: true });
  requireFittingLoss(config, data);
  const network = await networkOf(config, data);
  const { ofOptimizer, others } = separated(config.hyper ?? hypersOfNetwork(config, network));
  const hypers = hypersOf(network, others, scales[config.method]);
  const size = createSpace(hypers).size;
  demandMemory(config, { network, hypers: size, rows: data.splits.train.rows }, totalmem());
  const { loss = defaultLoss(data) } = config;
  const given = {
    data,
    network,
    hypers,
    loss,
    ...(config.classWeights && { classWeights: config.classWeights }),
    ...(config.augment && { augment: config.augment }),
  };
  const plain = folds === undefined ? supervised(given) : foldedTask({ ...given, folds, seed: config.seed });
  const task = withSettings(plain, ofOptimizer, config);
  const { warnings, report } = data;
  return {
    name: data.name.replace(/\.[^.]+$/, ""),
    task,
    warnings,
    supervised: { data, loss, ...networkDocument(config, network) },
    ...(report && { report: folds === undefined ? report : withFolds(report) }),
  };
}

/** What a trained model says of its network; nothing of a multilayer perceptron, which its weights tell. */
function networkDocument(
  { model }: Config,
  { description }: Network,
): Pick<NonNullable<NamedTask["supervised"]>, "network"> {
  if (description) return { network: description };
  return isModule(model) ? { network: { module: basename(model) } } : {};
}

/** All rows that train validate as well. */
const withFolds = ({ parts, ...report }: DataReport): DataReport => ({
  ...report,
  parts: { ...parts, valid: parts.train },
});

/** Folds are parts of all rows that are no test rows, drawn at random. */
function demandRandomParts(config: Config): void {
  for (const field of ["valid", "group", "timeColumn"] as const) {
    if (config[field] === undefined) continue;
    throw inputError(
      `${flagOf(field)} must be left out with --folds, whose validation rows are parts drawn at random, but got ${shown(String(config[field]))}; leave out one of the two`,
    );
  }
  if (config.splitBy !== "tail") return;
  throw inputError(
    "--split-by must be seed with --folds, whose validation rows are parts drawn at random, but got tail; leave out one of the two",
  );
}

/** How widely hyper-training samples a hyperparameter that says nothing of its scale; around one point, or over a range. */
const scales: Readonly<Partial<Record<Config["method"], number>>> = {
  "hyper-training": 0.1,
  "hyper-training-global": 1.5,
};

/** Of the step of penalties, what dropout rates and all others that are not on a log scale go; measured in decision 17. */
const LINEAR_PACE = 0.5;

/**
 * The tuner of a configuration.
 *
 * @param hypersAt where the hyperparameters go, for the method `fixed`
 * @throws {HypertrainError} for settings that do not go together.
 */
export function tunerOf(config: Config, stepsPerEpoch: number, hypersAt?: FixedOptions["hypersAt"]): Tuner {
  const name = optimizerOf(config);
  const { rate, make } = optimizerFor(config, name);
  if (isHyperTraining(config.method)) return hyperTrainingOf(config, make, rate, stepsPerEpoch);
  const { lr = rate, momentum, hyperLr = 0.01, hyperOptimizer = "adam", scaleLr, clipNorm } = config;
  const hypergradient = hypergradientTuners[config.method];
  if (hypergradient) {
    requireMomentum(name, momentum);
    return hypergradient(config, hypergradientOptions(config, make, rate, stepsPerEpoch));
  }
  if (config.method === "smash") return smashOf(config, make, rate, stepsPerEpoch);
  const joint = config.method === "stn"; // w0 and Θ are one
  const { responseOptimizer = joint ? name : "adam" } = config;
  const { responseRate = lr, make: makeForResponse } = optimizers[responseOptimizer];
  requireMomentum(name, momentum);
  const optimizer = make(momentum);
  const { entropyWeight, warmupEpochs = 0, trainSteps, validSteps } = config; // the command line settles the warm-up
  const response = responses[config.response](config);
  return tuners[config.method as keyof typeof tuners]({
    optimizer,
    learningRate: lr,
    schedule: schedules[config.schedule](config, stepsPerEpoch),
    hyperLearningRate: hyperLr,
    hyperOptimizer: optimizers[hyperOptimizer].make(0),
    linearPace: LINEAR_PACE,
    scaleLearningRate: scaleLr,
    responseOptimizer: joint && responseOptimizer === name ? optimizer : makeForResponse(),
    responseLearningRate: config.responseLr ?? (joint ? lr : responseRate),
    ...(clipNorm !== undefined && { clipNorm }),
    ...(hypersAt && { hypersAt }),
    ...(response && { response }),
    perturbations: config.perturbations ?? (joint ? "independent" : "paired"), // pairs would halve the rows of w0 as well
    ...{ entropyWeight, warmupEpochs, trainSteps, validSteps },
    ...(joint
      ? { input: config.stnInput ?? "centred" }
      : {
          responseObjective: config.responseObjective ?? "sampled",
          responseAveraging: config.responseAveraging ?? 0,
        }),
  });
}

/** A tuner that chooses the architecture; the schedule is that of the training after it. */
function smashOf(
  config: Config,
  make: (momentum?: number) => Optimizer,
  rate: number,
  stepsPerEpoch: number,
): Tuner {
  const { lr = rate, momentum, clipNorm, hypernetLr, candidates = DEFAULT_CANDIDATES, warmupEpochs } = config;
  if (config.problem === undefined && config.model !== "mlp") {
    throw inputError(
      `--method smash must have --model mlp, whose architecture it chooses, but got ${shown(config.model)}; take that, or another method`,
    );
  }
  requireMomentum(optimizerOf(config), momentum);
  if (warmupEpochs === 0) {
    throw inputError(
      "--warmup-epochs must be above 0 for smash, whose hypernetwork they train, but got 0; two fifths of a run are usual",
    );
  }
  if (config.patience !== undefined) {
    throw inputError(
      `--patience must be left out for smash, whose losses rise where its training starts anew, but got ${config.patience}`,
    );
  }
  const hypernetEpochs = warmupEpochs ?? Math.ceil((4 * DEFAULT_CANDIDATES) / stepsPerEpoch);
  const epochs = config.epochs && config.epochs - hypernetEpochs - candidates / stepsPerEpoch;
  const hypernet = hypernets[config.hypernet](config);
  return smash({
    optimizer: make(momentum),
    learningRate: lr,
    schedule: schedules[config.schedule]({ ...config, epochs }, stepsPerEpoch),
    hypernetLearningRate: hypernetLr,
    ...{ hypernetEpochs, candidates },
    ...(hypernet && { hypernet }),
    ...(clipNorm !== undefined && { clipNorm }),
  });
}

/** What makes an optimizer; one that is fed its momentum, where that is a hyperparameter. */
function optimizerFor(
  { hyper }: Config,
  name: ReturnType<typeof optimizerOf>,
): (typeof optimizers)[typeof name] {
  const found = optimizers[name];
  if (name !== "sgd" || hyper?.momentum === undefined) return found;
  return { ...found, make: (momentum = 0.9) => heavyBall({ momentum }) };
}

/** A tuner that trains a hypernetwork; its penalty, its samples and its own steps are for these methods alone. */
function hyperTrainingOf(
  config: Config,
  make: (momentum?: number) => Optimizer,
  rate: number,
  stepsPerEpoch: number,
): Tuner {
  const { lr = rate, momentum, hyperPenalty, clipNorm, samples, trainSteps, validSteps } = config;
  requireMomentum(optimizerOf(config), momentum);
  const { warmupEpochs = 0, fineTuneSteps, fineTuneLr, batchSize } = config; // the command line settles the warm-up
  const hypernet = hypernets[config.hypernet](config);
  const options: HyperTrainingOptions = {
    optimizer: make(momentum),
    learningRate: lr,
    schedule: schedules[config.schedule](config, stepsPerEpoch),
    ...hyperStepsOf(config),
    hyperPenalty,
    memoryLimit: totalmem(),
    ...(hypernet && { hypernet }),
    ...(clipNorm !== undefined && { clipNorm }),
    ...(samples !== undefined && { samples }),
    ...(fineTuneSteps > 0 && {
      fineTuning: { steps: fineTuneSteps, learningRate: fineTuneLr, rows: batchSize },
    }),
  };
  if (config.method === "hyper-training-global") {
    return globalHyperTraining({ ...options, hypernetEpochs: warmupEpochs });
  }
  const joint = { ...options, warmupEpochs, trainSteps, validSteps };
  if (config.method === "hyper-training-simplified") return simplifiedHyperTraining(joint);
  const { perturbations = "independent" } = config;
  if (perturbations !== "full") return hyperTraining({ ...joint, perturbations });
  throw inputError(
    `--perturbations must be independent or paired for hyper-training, whose samples share each minibatch, but got full`,
  );
}

/** What the methods that differentiate training itself have in common. */
function hypergradientOptions(
  config: Config,
  make: (momentum?: number) => Optimizer,
  rate: number,
  stepsPerEpoch: number,
): HypergradientOptions {
  const { lr = rate, momentum, hyperClip, warmupEpochs = 0, clipNorm, method } = config;
  if (clipNorm !== undefined) {
    throw inputError(
      `--clip-norm must be left out for ${method}, which cannot limit gradients, but got ${clipNorm}`,
    );
  }
  return {
    optimizer: make(momentum),
    learningRate: lr,
    schedule: schedules[config.schedule](config, stepsPerEpoch),
    ...hyperStepsOf(config),
    ...(hyperClip !== undefined && { hyperClip }),
    warmupEpochs,
  };
}

/** How the methods that are not self-tuning networks move the hyperparameters; they have an optimizer of their own. */
const hyperStepsOf = ({ hyperLr = 0.005, hyperOptimizer }: Config) => ({
  hyperLearningRate: hyperLr,
  ...(hyperOptimizer && { hyperOptimizer: optimizers[hyperOptimizer].make(0) }),
});

type MakeHypergradientTuner = (config: Config, options: HypergradientOptions) => Tuner;

const hypergradientTuners: Readonly<Partial<Record<Config["method"], MakeHypergradientTuner>>> = {
  unrolled: ({ horizon }, options) => unrolled({ ...options, horizon }),
  "forward-unrolled": ({ trainSteps }, options) => forwardUnrolled({ ...options, trainSteps }),
  reversible: ({ horizon, momentum = 0.9, optimizer = "sgd" }, { optimizer: _own, ...options }) => {
    if (optimizer === "sgd") return reversible({ ...options, horizon, momentum });
    throw inputError(
      `--optimizer must be sgd for reversible, whose steps can be taken back, but got ${optimizer}`,
    );
  },
  drmad: ({ horizon }, options) => drmad({ ...options, horizon }),
  "implicit-cg": ({ trainSteps, ...config }, options) =>
    implicitCg({ ...options, ...curvatureOf(config), trainSteps }),
  "implicit-neumann": ({ trainSteps, ...config }, options) =>
    implicitNeumann({ ...options, ...curvatureOf(config), trainSteps }),
  "t1-t2": ({ trainSteps }, options) => t1T2({ ...options, trainSteps }),
};

const curvatureOf = ({ curvature }: Pick<Config, "curvature">) => ({
  ...(curvature !== undefined && { curvature }),
});

function requireMomentum(optimizer: string, momentum: number | undefined): void {
  if (momentum === undefined || optimizer !== "adam") return;
  throw inputError(`--momentum must be left out for adam, which has none, but got ${momentum}`);
}

/**
 * The engine of a configuration.
 *
 * @param onFallback is told in one sentence why the native engine does not start, where "auto" leaves the choice
 */
export const openEngine = (
  { engine, threads }: Pick<Config, "engine" | "threads">,
  onFallback: (why: string) => void = () => {},
): Promise<Engine> => engines[engine](threads, onFallback);

type MakeEngine = (threads: number | undefined, onFallback: (why: string) => void) => Promise<Engine>;

const engines: Readonly<Record<Config["engine"], MakeEngine>> = {
  auto: (threads, onFallback) =>
    nativeEngine(threads).catch((error: Error) => {
      onFallback(
        `the engine onnx does not start here (${firstLine(error)}); going on with jax, which is slower; \`hypertrain doctor\` says how to install it`,
      );
      return jaxEngine();
    }),
  onnx: (threads) =>
    nativeEngine(threads).catch((error: Error) => {
      throw inputError(
        `the engine onnx must be able to load onnxruntime, but it does not start here (${firstLine(error)}); install it with \`${installNative()}\`, or tune with --engine jax`,
      );
    }),
  jax: () => jaxEngine(),
};

/** Loaded when it is used: the package onnxruntime-node is optional. */
const nativeEngine = async (threads?: number): Promise<Engine> =>
  (await import("../engine/onnx/engine.ts")).onnxEngine(threads === undefined ? {} : { threads });

/**
 * The command that installs onnxruntime. Its install script fetches what only graphics cards need, 300 MB on Linux; where that fails, npm
 * leaves the whole package out without a word, since it is optional.
 */
function installNative(): string {
  const { optionalDependencies } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"), // beside src/ and dist/
  ) as { optionalDependencies: Readonly<Record<string, string>> };
  const install = `npm install onnxruntime-node@${optionalDependencies["onnxruntime-node"]}`;
  return process.platform === "win32" ? install : `ONNXRUNTIME_NODE_INSTALL=skip ${install}`;
}

const firstLine = ({ message }: Error): string => message.split("\n")[0] as string;

const tuners = {
  "delta-stn": deltaStn,
  "centered-stn": centeredStn,
  stn,
  fixed,
} satisfies Readonly<Partial<Record<Config["method"], (options: StnOptions) => Tuner>>>;

const hypernets: Readonly<Record<Config["hypernet"], (config: Config) => Hypernet | undefined>> = {
  auto: () => undefined,
  elementwise: () => elementwiseHypernet(),
  linear: () => linearHypernet(),
  factored: ({ hypernetUnits = 10 }) => factoredHypernet({ units: hypernetUnits }),
  mlp: ({ hypernetUnits = 50 }) => mlpHypernet({ hidden: [hypernetUnits] }),
};

const optimizers: Readonly<
  Record<
    ReturnType<typeof optimizerOf>,
    { readonly rate: number; readonly responseRate?: number; make(momentum?: number): Optimizer }
  >
> = {
  sgd: { rate: 0.03, make: (momentum = 0.9) => sgd({ momentum }) },
  adam: { rate: 0.001, responseRate: 0.003, make: () => adam() },
  rmsprop: { rate: 0.001, responseRate: 0.001, make: (momentum = 0) => rmsprop({ momentum }) },
};

const responses: Readonly<Record<Config["response"], (config: Config) => Response | undefined>> = {
  auto: () => undefined,
  factored: () => factored,
  gate: () => gate,
  dense: () => dense,
  "low-rank": ({ rank = 10 }) => lowRank(rank),
};

const schedules: Readonly<Record<Config["schedule"], (config: Config, stepsPerEpoch: number) => Schedule>> = {
  constant: () => constant(),
  cosine({ epochs }, stepsPerEpoch) {
    if (epochs !== undefined) return cosine({ steps: Math.ceil(epochs * stepsPerEpoch) });
    throw inputError("--schedule cosine must come with --epochs, at which it ends, but got none; add it");
  },
  step({ decayEpochs, decayFactor = 0.2 }, stepsPerEpoch) {
    if (decayEpochs)
      return stepDecay({ at: decayEpochs.map((epoch) => epoch * stepsPerEpoch), factor: decayFactor });
    throw inputError(
      "--schedule step must come with --decay-epochs, at which it lowers the learning rate, but got none; add for example --decay-epochs 60,120",
    );
  },
};

type DataReader = (config: Config, options: LoadOptions) => Promise<SupervisedData>;

const dataSets = {
  digits: (config, { joined }) => readBundled("digits", bundledOptions(config, joined)),
  diabetes: (config, { joined }) => readBundled("diabetes", bundledOptions(config, joined)),
  wine: (config, { joined }) => readBundled("wine", bundledOptions(config, joined)),
  mnist: (config, options) => imageSet("mnist", config, options),
  "fashion-mnist": (config, options) => imageSet("fashion-mnist", config, options),
  "emnist-letters": (config, options) => imageSet("emnist-letters", config, options),
  "emnist-digits": (config, options) => imageSet("emnist-digits", config, options),
  "emnist-mnist": (config, options) => imageSet("emnist-mnist", config, options),
  "emnist-balanced": (config, options) => imageSet("emnist-balanced", config, options),
  "emnist-bymerge": (config, options) => imageSet("emnist-bymerge", config, options),
  "emnist-byclass": (config, options) => imageSet("emnist-byclass", config, options),
  ptb: (config, options) => textOf(config, "word", options),
  text: (config, options) => textOf(config, "character", options),
  cifar10: (config, options) => cifarSet("cifar10", config, options),
  cifar100: (config, options) => cifarSet("cifar100", config, options),
} satisfies Readonly<Record<string, DataReader>>;

const bundledOptions = (config: Config, joined = false): BundledOptions => ({
  seed: config.seed,
  joined,
  ...partSizes(config),
});

/** Fields that only some data has a use for. */
const dataFields: Readonly<Record<string, readonly FieldName[]>> = {
  digits: ["valid", "test"],
  diabetes: ["valid", "test"],
  wine: ["valid", "test"],
  ptb: [],
  text: ["valid", "test"],
};

/** Fields that are for tables of the user's own, but for those in {@link dataFields}. */
const ofTables = [
  ...["target", "task", "header", "valid", "test", "splitBy", "missing", "separator", "ignore", "keep"],
  ...["group", "timeColumn", "stratify", "dates", "targetTransform"],
] as const satisfies readonly FieldName[];

async function loadData(config: Config, options: LoadOptions): Promise<SupervisedData> {
  const { data } = config;
  const isFolder = !Object.hasOwn(dataSets, data) && isDirectory(data);
  if (!isFolder && !Object.hasOwn(dataSets, data)) return csv({ ...config, joined: options.joined });
  const known = isFolder ? ["valid", "test"] : (dataFields[data] ?? ["valid"]); // sets of images have a test part
  for (const field of ofTables) {
    if (config[field] === undefined || known.includes(field)) continue;
    throw inputError(
      `${flagOf(field)} must go with a table of your own, but the data is ${data}; leave it out, or name a file with --data`,
    );
  }
  if (isFolder) return imageFolder(config, options);
  if (config.imageSize !== undefined) {
    throw inputError(`--image-size must go with a folder of images, but the data is ${data}; leave it out`);
  }
  return dataSets[data as keyof typeof dataSets](config, options);
}

const textOf = (
  config: Config,
  kind: TokenKind,
  { joined = false }: LoadOptions,
): Promise<SupervisedData> => {
  const { dataDir, bptt: steps = 35, tokens = kind, vocabulary } = config;
  return readText(dataDir, {
    steps,
    tokens,
    joined,
    ...(vocabulary !== undefined && { vocabulary }),
    ...partSizes(config),
  });
};

async function imageSet(
  set: ImageSet,
  { dataDir, download, valid }: Config,
  { onDownload, signal, joined = false }: LoadOptions,
): Promise<SupervisedData> {
  if (download && !isEmnist(set)) {
    await downloadImageSet(set, dataDir, {
      ...(onDownload && { onProgress: onDownload }),
      ...(signal && { signal }),
    });
  }
  return readImageSet(set, dataDir, { joined, ...(valid !== undefined && { valid: partSize(valid) }) });
}

const imageFolder = (
  { data, seed, imageSize, ...config }: Config,
  { joined = false }: LoadOptions,
): Promise<SupervisedData> =>
  readImageFolder(data, {
    ...{ seed, joined, ...partSizes(config) },
    ...(imageSize !== undefined && { side: imageSize }),
  });

async function cifarSet(
  set: CifarSet,
  { dataDir, download, valid }: Config,
  { onDownload, signal, joined = false }: LoadOptions,
): Promise<SupervisedData> {
  if (download) {
    await downloadCifar(set, dataDir, {
      ...(onDownload && { onProgress: onDownload }),
      ...(signal && { signal }),
    });
  }
  return readCifar(set, dataDir, { joined, ...(valid !== undefined && { valid: partSize(valid) }) });
}

/**
 * The data report of a configuration's table, without training.
 *
 * @throws {HypertrainError} for what cannot be read.
 */
export async function inspectTable(config: Config): Promise<DataReport> {
  const { report } = await csv(config);
  if (!report) throw new Error("internal: a table must come with a report");
  return report;
}

async function csv(config: TableConfig): Promise<SupervisedData> {
  const { data, target, header, separator } = config;
  if (!/[./\\]/.test(data) && !existsSync(data)) {
    const names = Object.keys(dataSets);
    throw inputError(
      `--data must be one of ${names.join(", ")} or a file with a table, but got "${shown(data)}"${nearest(data, names)}`,
    );
  }
  if (target === undefined) {
    throw inputError(
      `a table must come with the column to predict, but ${data} got no --target; name the column`,
    );
  }
  return readTableData(data, { target, header, separator: separatorOf(separator), ...tableOptions(config) });
}

type TableConfig = Config & Pick<TableDataOptions, "joined">;

/** What is made of a table. */
function tableOptions(config: TableConfig): Omit<TableDataOptions, "target"> {
  const { task, seed, splitBy, stratify, group, timeColumn, ignore, keep, missing, dates, targetTransform } =
    config;
  requireOneSplit(config);
  const sizes = partSizes(config);
  return {
    task,
    seed,
    splitBy,
    stratify,
    group,
    timeColumn,
    ignore,
    keep,
    missing,
    dates,
    targetTransform,
    joined: config.joined,
    ...sizes,
  };
}

/** Only one of the ways to split can be meant. */
function requireOneSplit({ group, timeColumn, stratify, splitBy }: Config): void {
  const given = [
    ...(group === undefined ? [] : ["--group"]),
    ...(timeColumn === undefined ? [] : ["--time-column"]),
    ...(splitBy === "tail" ? ["--split-by tail"] : []),
    ...(stratify === true ? ["--stratify"] : []),
  ];
  if (given.length < 2) return;
  throw inputError(
    `the rows must be split in one way, but got ${given.join(" and ")}; leave all but one out`,
  );
}

/**
 * The separator that a flag names, by itself or, where it is hard to type, as `tab`, `comma` and so on; nothing where it is left out.
 *
 * @throws {HypertrainError} if it is none.
 */
export function separatorOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const known: Readonly<Record<string, string>> = {
    tab: "\t",
    "\\t": "\t",
    comma: ",",
    semicolon: ";",
    bar: "|",
    pipe: "|",
    blank: "whitespace",
    space: "whitespace",
    " ": "whitespace",
    whitespace: "whitespace",
  };
  const separator = Object.hasOwn(known, name) ? (known[name] as string) : name;
  if (separator === "whitespace" || (separator.length === 1 && !/["\n\r#\w]/.test(separator)))
    return separator;
  throw inputError(
    `--separator must be one character such as , ; or |, or tab or whitespace, but got "${shown(name)}"; name what stands between the fields`,
  );
}

/** The sizes that a configuration gives. */
const partSizes = ({ valid, test }: Pick<Config, "valid" | "test">): PartSizes => ({
  ...(valid !== undefined && { valid: partSize(valid) }),
  ...(test !== undefined && { test: partSize(test) }),
});

/** Below 1 a fraction, else a number of rows. */
const partSize = (size: number): PartSize => (size < 1 ? size : { rows: size });

function requireFittingLoss({ loss, classWeights }: Config, { task, name }: SupervisedData): void {
  if (task === "classification") return;
  if (classWeights === "balanced") {
    throw inputError(
      `--class-weights balanced must go with classes, but ${name} is a regression; leave it out`,
    );
  }
  if (loss !== "cross-entropy") return;
  throw inputError(
    `--loss cross-entropy must go with classes, but ${name} is a regression; leave it out, or choose squared-error or gaussian`,
  );
}

/** Whether a path is a directory; a path that no file can have is none. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
