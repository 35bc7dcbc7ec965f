/**
 * The fields of a configuration, each of which is also a flag of `hypertrain tune`: `hyperLr` is `--hyper-lr`.
 *
 * Only what `--help` needs, so that it loads nothing: types, ranges and defaults are the schema's (`config.ts`).
 */
import { inputError } from "../util/error.ts";
import { shown } from "../util/text.ts";
import { parseHyperFlag } from "./hyper-flag.ts";
import {
  hypergradientMethods,
  hyperTrainingMethods,
  searchMethods,
  stnMethods,
  type Method,
} from "./methods.ts";

/** How a field is given on the command line. */
export interface Field {
  /** What it means, with its unit and default. */
  readonly about: string;
  /** What follows the flag, for example `N`; `undefined` for a switch. */
  readonly argument?: string;
  /** The heading in `--help`. */
  readonly group: FieldGroup;
  /** From the text behind the flag to what a config file would hold. Absent for a switch. */
  readonly read?: Reader;
  /** Whether the flag may be given several times, its values joined into one record. */
  readonly repeatable?: boolean;
  /** Whether `--help` shows it, in the words of `brief` where they are shorter; `--help-all` shows all. */
  readonly basic?: true;
  readonly brief?: string;
  /** The methods that have a use for it; default all. */
  readonly methods?: readonly Method[];
  /** Another field, and the values of it that give this one a meaning; without values, any. */
  readonly needs?: { readonly field: string; readonly values?: readonly string[] };
  /** What is meant instead in a study that a store keeps, which has no use for this one. */
  readonly insteadInStudy?: string;
  /** Why a comparison has no use for it; it then refuses the flag. */
  readonly notCompared?: string;
}

/** The headings under which `--help` lists the fields. */
export type FieldGroup = "Data:" | "Network:" | "Tuning:" | "Training:" | "Run:";

type Reader = (text: string, flag: string) => unknown;

const text: Reader = (value) => value;

const finiteIn = (text: string): number => {
  const parsed = text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(parsed) ? parsed : NaN;
};

const number: Reader = (value, flag) => {
  const parsed = finiteIn(value);
  if (!Number.isNaN(parsed)) return parsed;
  throw inputError(`${flag} must be a number, but got "${shown(value)}"`);
};

const numbers: Reader = (value, flag) => {
  const parsed = value.trim() === "" ? [] : value.split(",").map(finiteIn);
  if (!parsed.some(Number.isNaN)) return parsed;
  throw inputError(`${flag} must be numbers with commas between them, but got "${shown(value)}"`);
};

const names: Reader = (value) => value.split(",").map((name) => name.trim());

/** The strength of what needs none to be named. */
const usualStrengths: Readonly<Record<string, number>> = {
  flip: 0.5,
  crop: 4,
  "rand-augment": 9,
  "trivial-augment": 1,
};

const strengths: Reader = (value, flag) => {
  const entries = strengthsIn(value, flag);
  const names = entries.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return Object.fromEntries(entries);
  throw inputError(`${flag} must have each name once, but got "${twice.slice(0, 80)}" twice; leave one out`);
};

const strengthsIn = (value: string, flag: string): (readonly [string, unknown])[] =>
  value.split(",").map((part) => {
    const [name = "", strength] = part.trim().split("=");
    if (strength !== undefined) return [name, number(strength, `the strength of ${name} in ${flag}`)];
    if (Object.hasOwn(usualStrengths, name)) return [name, usualStrengths[name]];
    throw inputError(
      `${flag} must have a strength for each name, such as rotate=10, but got "${part.slice(0, 80)}"`,
    );
  });

/** The methods with a response, which see validation minibatches between training minibatches. */
const responding = [...stnMethods, ...hyperTrainingMethods] as const;

/** The methods that follow a hypergradient within one training. */
const following = [...responding, ...hypergradientMethods] as const;

/** The sets of images that are read from files of a folder. */
export const imageSetNames = [
  ...["mnist", "fashion-mnist", "emnist-letters", "emnist-digits"],
  ...["emnist-mnist", "emnist-balanced", "emnist-bymerge", "emnist-byclass"],
  ...["cifar10", "cifar100"],
];

/** All fields, in the order in which `--help` lists them. */
export const fields = {
  data: {
    group: "Data:",
    basic: true,
    argument: "NAME|FILE",
    read: text,
    about:
      "digits, diabetes, wine, mnist, fashion-mnist, emnist-letters (-digits, -balanced, …), cifar10, cifar100, text, ptb, a folder with one of images for each class, or a table: CSV, JSON lines, Parquet, .npy, .npz (default: digits)",
  },
  target: {
    group: "Data:",
    basic: true,
    argument: "COLUMN",
    read: text,
    about: "the column of the table to predict",
  },
  task: {
    group: "Data:",
    argument: "KIND",
    read: text,
    about: "classification or regression (default: from the target's values)",
  },
  header: { group: "Data:", about: "whether the CSV file starts with column names (default: found out)" },
  valid: {
    group: "Data:",
    basic: true,
    brief: "validation rows, a fraction or a number (default: 0.2)",
    argument: "SIZE",
    read: number,
    about: "validation rows, a fraction below 1 or a number of rows (default: 0.2)",
  },
  test: {
    group: "Data:",
    basic: true,
    brief: "test rows likewise, 0 for none (default: 0.2)",
    argument: "SIZE",
    read: number,
    about: "test rows, a fraction below 1 or a number of rows, 0 for none (default: 0.2)",
  },
  folds: {
    group: "Data:",
    argument: "K",
    read: number,
    about:
      "trains K networks, tunes them by the mean of their losses on K parts of all rows that are no test rows, and lets them answer together",
  },
  splitBy: {
    group: "Data:",
    argument: "HOW",
    read: text,
    about: "seed draws the parts at random, tail takes the last rows (default: seed)",
  },
  missing: {
    group: "Data:",
    argument: "HOW",
    read: text,
    about:
      "auto gives numbers the median and an indicator and text a level of its own where a value is missing, error refuses (default: auto)",
  },
  separator: {
    group: "Data:",
    argument: "C",
    read: text,
    about: "what stands between the fields of the CSV file: , ; | tab or whitespace (default: found out)",
  },
  ignore: { group: "Data:", basic: true, argument: "A,B", read: names, about: "columns not to use" },
  keep: {
    group: "Data:",
    argument: "A,B",
    read: names,
    about:
      "columns to use that would be left out, since they only seem to tell rows apart; or to take as text",
  },
  dates: {
    group: "Data:",
    argument: "HOW",
    read: text,
    about:
      "parts takes year, month, weekday, hour and elapsed days of dates, leave leaves them out (default: leave)",
  },
  group: {
    group: "Data:",
    argument: "COLUMN",
    read: text,
    about: "keep the rows with one value of this column in one part",
  },
  timeColumn: {
    group: "Data:",
    argument: "COLUMN",
    read: text,
    about: "split by this column of numbers or dates: the earliest rows train, the latest test",
  },
  stratify: {
    group: "Data:",
    about: "give every class its share of each part (default: where a class has fewer than 100 rows)",
  },
  classWeights: {
    group: "Data:",
    argument: "HOW",
    read: text,
    about: "balanced gives every class the same weight in the loss, none every row (default: none)",
  },
  imageSize: {
    group: "Data:",
    argument: "N",
    read: number,
    about:
      "height and width that all images of a folder get, the middle cut out where one is longer (default: their own, if all are alike)",
  },
  augment: {
    group: "Data:",
    argument: "NAME=X,...",
    read: strengths,
    about:
      "what is done to training images at a strength that is not tuned, for example flip,crop=4,rand-augment=9 or trivial-augment; names as in docs/augmentation.md (default: nothing)",
  },
  targetTransform: {
    group: "Data:",
    argument: "NAME",
    read: text,
    about: "log learns the logarithm of the target, for skewed positive numbers; or none (default: none)",
  },
  dataDir: {
    group: "Data:",
    argument: "DIR",
    read: text,
    needs: { field: "data", values: [...imageSetNames, "ptb", "text"] },
    about:
      "where the files of mnist, fashion-mnist, emnist, cifar and ptb are; of text the file or the directory (default: data)",
  },
  download: {
    group: "Data:",
    needs: { field: "data", values: ["mnist", "fashion-mnist", "cifar10", "cifar100"] },
    about: "fetch the files of mnist, fashion-mnist or cifar into --data-dir if missing",
  },
  bptt: {
    group: "Data:",
    argument: "N",
    read: number,
    needs: { field: "data", values: ["text", "ptb"] },
    about: "tokens of text or ptb in a row through which training goes back (default: 35)",
  },
  tokens: {
    group: "Data:",
    argument: "KIND",
    read: text,
    needs: { field: "data", values: ["text", "ptb"] },
    about: "what a text is cut into: word or character (default: word for ptb, character for text)",
  },
  vocabulary: {
    group: "Data:",
    argument: "N",
    read: number,
    needs: { field: "data", values: ["text", "ptb"] },
    about: "the most different tokens of a text, of which the rarest become <unk> (default: 10000)",
  },
  problem: {
    group: "Data:",
    argument: "FILE.ts",
    read: text,
    about: "a module with a problem of your own; the same as naming it behind `tune`",
  },

  model: {
    group: "Network:",
    argument: "NAME",
    read: text,
    about:
      "mlp, linear, transformer, for images simple-cnn, alexnet, vgg16 or resnet18, for text lstm, a FILE.json with a list of layers, or a FILE.ts that makes a network (default: mlp)",
  },
  hidden: {
    group: "Network:",
    basic: true,
    argument: "N,N,...",
    read: numbers,
    about: "units of each hidden layer of the mlp, or of each layer of the lstm (default: 128,128)",
  },
  width: {
    group: "Network:",
    argument: "X",
    read: number,
    about: "factor on the channels and units of a network for images by name (default: 1)",
  },
  norm: {
    group: "Network:",
    argument: "NAME",
    read: text,
    about: "the normalisation of resnet18: batch or group (default: batch)",
  },
  loss: {
    group: "Network:",
    argument: "NAME",
    read: text,
    about:
      "cross-entropy, squared-error or gaussian (default: cross-entropy for classes, squared-error for numbers)",
  },

  method: {
    group: "Tuning:",
    basic: true,
    brief:
      "delta-stn, stn, unrolled, … train once; random, tpe, gp, hyperband, … again and again; fixed does not tune; auto chooses (default: delta-stn)",
    argument: "NAME",
    read: text,
    about:
      "delta-stn, centered-stn, stn; hyper-training, hyper-training-global or hyper-training-simplified, which train a hypernetwork; " +
      "unrolled, forward-unrolled, reversible, drmad, implicit-cg, implicit-neumann or t1-t2, which differentiate training itself; " +
      "smash, which chooses an architecture; " +
      "grid, random, quasi-random, tpe, gp, cma-es, successive-halving, hyperband, asha, median-stop, freeze-thaw, population-based or " +
      "tpe-hyperband, which train again and again; " +
      "fixed: no tuning; or auto, which chooses one of these by the problem and says why (default: delta-stn)",
  },
  trialEpochs: {
    group: "Tuning:",
    methods: searchMethods,
    argument: "N",
    read: number,
    about: "epochs of each training of a search (default: at least 10, and at least a thousand steps)",
  },
  hyper: {
    group: "Tuning:",
    basic: true,
    brief:
      "a hyperparameter to tune, NAME=START or NAME=START:LOW..HIGH; repeatable (default: dropout.*=0.05 l2.*=0.0001)",
    argument: "NAME=SPEC",
    read: parseHyperFlag,
    repeatable: true,
    about:
      "a hyperparameter to tune, NAME=START, NAME=START:LOW..HIGH or NAME=A|B; repeatable, replaces the default set " +
      "(default: dropout.*=0.05 l2.*=0.0001). " +
      "Names: dropout, dropout.input, dropout.fc1, ..., l2, l2.fc1, l2.each, the same with l1; .* for every layer; " +
      "cutout.length, cutout.holes, rotate, translate, scale, shear, brightness, contrast, saturation, hue, flip, crop, input-scale, mixup, rand-augment and trivial-augment for images, by delta-stn, centered-stn, stn and searches; " +
      "width.fc1=64:8..128, activation.fc1=relu|tanh|gelu and skip.fc2=false|true, for smash and searches; " +
      "lr and momentum, for unrolled, forward-unrolled, reversible, drmad and searches: --schedule is a factor on such an lr. " +
      "The range may be left out. More behind commas: log, discrete, scale=X, tuneScale=false, perturb=minibatch",
  },
  hyperLr: {
    group: "Tuning:",
    methods: following,
    argument: "X",
    read: number,
    about:
      "learning rate of the hyperparameters (default: 0.01 for delta-stn, centered-stn and stn, where those that are not on a log scale go half of it; 0.005 for the others)",
  },
  hyperOptimizer: {
    group: "Tuning:",
    methods: following,
    argument: "NAME",
    read: text,
    about:
      "what moves the hyperparameters: sgd, adam or rmsprop (default: adam for delta-stn, centered-stn, stn and hyper-training, rmsprop, as " +
      "in the papers, for the others)",
  },
  hyperClip: {
    group: "Tuning:",
    methods: hypergradientMethods,
    argument: "X",
    read: number,
    about:
      "largest norm of a hypergradient, for the methods that differentiate training itself (default: no limit)",
  },
  scaleLr: {
    group: "Tuning:",
    methods: stnMethods,
    argument: "X",
    read: number,
    about: "learning rate of the perturbation scales (default: 0.01)",
  },
  responseLr: {
    group: "Tuning:",
    methods: stnMethods,
    argument: "X",
    read: number,
    about:
      "learning rate of the response (default: 0.003 for adam, 0.001 for rmsprop, that of the weights for sgd)",
  },
  responseOptimizer: {
    group: "Tuning:",
    methods: stnMethods,
    argument: "NAME",
    read: text,
    about:
      "what trains the response: sgd, adam or rmsprop (default: adam; for stn, whose training is joint, as the weights)",
  },
  validBatchSize: {
    group: "Tuning:",
    methods: [...following, "smash"],
    argument: "N",
    read: number,
    about: "validation examples of a hyperparameter step, at most all (default: 512)",
  },
  guard: {
    group: "Tuning:",
    methods: following,
    argument: "SHARE",
    read: number,
    about:
      "share of the validation rows kept from hyperparameter steps, on which the best epoch is chosen, for methods that follow a gradient " +
      "(default: 0.3 where there are more hyperparameters than half of these rows, else 0)",
  },
  entropyWeight: {
    group: "Tuning:",
    methods: stnMethods,
    argument: "X",
    read: number,
    about: "weight of the entropy that keeps the perturbations wide (default: 0.001)",
  },
  warmupEpochs: {
    group: "Tuning:",
    methods: [...following, "smash"],
    argument: "N",
    read: number,
    about:
      "epochs before the first hyperparameter step (default: a fifth of all, or 5 with --time alone; four fifths for " +
      "hyper-training-global, whose hypernetwork stays as it is from then on; for smash, whose hypernetwork they train, two fifths, " +
      "or 900 steps with --time alone)",
  },
  trainSteps: {
    group: "Tuning:",
    methods: [
      ...stnMethods,
      ...(["hyper-training", "hyper-training-simplified", "forward-unrolled"] as const),
      ...(["implicit-cg", "implicit-neumann", "t1-t2"] as const),
    ],
    argument: "N",
    read: number,
    about: "training steps between hyperparameter steps (default: 2)",
  },
  validSteps: {
    group: "Tuning:",
    methods: [...stnMethods, "hyper-training", "hyper-training-simplified"],
    argument: "N",
    read: number,
    about: "hyperparameter steps each time (default: 1)",
  },
  perturbations: {
    group: "Tuning:",
    methods: [...stnMethods, "hyper-training"],
    argument: "NAME",
    read: text,
    about:
      "how the response's perturbations are drawn: independent, one for each example; paired, half of the examples each at +ε and -ε; " +
      "full, every example at both (default: paired)",
  },
  stnInput: {
    group: "Tuning:",
    methods: ["stn"],
    argument: "NAME",
    read: text,
    about:
      "what the response of stn is a function of: absolute, the hyperparameters as in the paper, or centred, their distance from where they " +
      "are, the same function in coordinates in which it stays finite at larger steps (default: centred)",
  },
  response: {
    group: "Tuning:",
    methods: stnMethods,
    argument: "NAME",
    read: text,
    about: "how the weights' response is stored: auto, factored, gate, dense or low-rank (default: auto)",
  },
  responseObjective: {
    group: "Tuning:",
    methods: ["delta-stn", "centered-stn"],
    argument: "NAME",
    read: text,
    about:
      "from what the response to L2 penalties is learned, for delta-stn and centered-stn: sampled, from the training loss at perturbed " +
      "hyperparameters, or implicit, from the linear system of the implicit function theorem (default: sampled)",
  },
  responseAveraging: {
    group: "Tuning:",
    methods: ["delta-stn", "centered-stn"],
    argument: "X",
    read: number,
    about:
      "share of a running average of the response that a step keeps, for delta-stn and centered-stn, whose hyperparameter steps follow the " +
      "average; 0 for none (default: 0)",
  },
  rank: {
    group: "Tuning:",
    methods: stnMethods,
    needs: { field: "response", values: ["low-rank"] },
    argument: "N",
    read: number,
    about: "rank of the low-rank response (default: 10)",
  },
  horizon: {
    group: "Tuning:",
    methods: ["unrolled", "reversible", "drmad"],
    argument: "N",
    read: number,
    about: "training steps that unrolled, reversible and drmad differentiate through each time (default: 20)",
  },
  curvature: {
    group: "Tuning:",
    methods: ["implicit-cg", "implicit-neumann"],
    argument: "NAME",
    read: text,
    about:
      "what implicit-cg and implicit-neumann solve with: hessian, or gauss-newton, which has no negative curvature " +
      "(default: gauss-newton for implicit-cg, hessian for implicit-neumann)",
  },
  hypernet: {
    group: "Tuning:",
    methods: [...hyperTrainingMethods, "smash"],
    argument: "NAME",
    read: text,
    about:
      "the hypernetwork of hyper-training: elementwise, linear, factored or mlp (default: elementwise for one hyperparameter a weight, " +
      "else linear or, beyond two million parameters, factored; mlp for hyper-training-global), or of smash (default: linear)",
  },
  hypernetUnits: {
    group: "Tuning:",
    methods: [...hyperTrainingMethods, "smash"],
    needs: { field: "hypernet", values: ["factored", "mlp"] },
    argument: "N",
    read: number,
    about: "width of the factored (default: 10) or of the mlp (default: 50) hypernetwork",
  },
  hypernetLr: {
    group: "Tuning:",
    methods: ["smash"],
    argument: "X",
    read: number,
    about: "learning rate of smash's hypernetwork (default: 0.001)",
  },
  candidates: {
    group: "Tuning:",
    methods: ["smash"],
    argument: "N",
    read: number,
    about:
      "architectures that smash scores with generated weights, one a step (default: a tenth of all steps, or 225 with --time alone)",
  },
  samples: {
    group: "Tuning:",
    methods: ["hyper-training", "hyper-training-global"],
    argument: "N",
    read: number,
    about:
      "hyperparameters that hyper-training samples for each minibatch (default: 2, or 10 for hyper-training-global)",
  },
  hyperPenalty: {
    group: "Tuning:",
    methods: hyperTrainingMethods,
    argument: "X",
    read: number,
    about:
      "weight of hyper-training's penalty on the way of the hyperparameters from their start (default: 0)",
  },
  fineTuneSteps: {
    group: "Tuning:",
    methods: hyperTrainingMethods,
    argument: "N",
    read: number,
    about: "steps of gradient descent that follow hyper-training's hypernetwork (default: 0)",
  },
  fineTuneLr: {
    group: "Tuning:",
    methods: hyperTrainingMethods,
    argument: "X",
    read: number,
    about: "learning rate of these steps (default: 0.01)",
  },
  baseline: {
    group: "Tuning:",
    basic: true,
    about: "train once more with the starting hyperparameters held, to compare (default: yes)",
    insteadInStudy: "enqueue the start with `hypertrain study enqueue`",
  },

  epochs: {
    group: "Training:",
    basic: true,
    brief: "passes over the training data (default: enough for 2250 steps)",
    argument: "N",
    read: number,
    insteadInStudy: "--trial-epochs says how long a training is, --trials how many there are",
    notCompared: "which ends by --time or --budget-steps",
    about:
      "passes over the training data, maybe a fraction; those of all trainings of a search together (default: enough for 2250 steps, of a search for " +
      "20 trainings, or no limit with --time)",
  },
  time: {
    group: "Training:",
    basic: true,
    brief: "stop after this time, for example 60s, 10m or 2h",
    argument: "TIME",
    read: text,
    insteadInStudy: "--trials says how many trainings there are",
    about: "stop after this time, for example 60s, 10m or 2h (default: no limit)",
  },
  patience: {
    group: "Training:",
    argument: "N",
    read: number,
    about: "stop after N evaluations without a lower validation loss (default: never)",
    insteadInStudy: "--method hyperband or median-stop stops trainings that promise little",
  },
  restart: {
    group: "Training:",
    methods: stnMethods,
    argument: "WHEN",
    read: text,
    about:
      "auto: a run of delta-stn, centered-stn or stn that has overfitted before it tuned, its lowest validation loss in the first quarter, trains anew " +
      "from the hyperparameters found at half of its length; or never (default: auto)",
  },
  evaluateEvery: {
    group: "Training:",
    argument: "N",
    read: number,
    notCompared: "which evaluates all methods as often, after each epoch or 50 steps",
    about: "epochs from one evaluation to the next (default: 1)",
  },
  batchSize: {
    group: "Training:",
    basic: true,
    argument: "N",
    read: number,
    about: "examples of a minibatch (default: 128)",
  },
  lr: {
    group: "Training:",
    basic: true,
    brief: "learning rate of the weights (default: 0.03 for sgd)",
    argument: "X",
    read: number,
    about: "learning rate of the weights (default: 0.03 for sgd, 0.001 for adam and rmsprop)",
  },
  optimizer: {
    group: "Training:",
    argument: "NAME",
    read: text,
    about: "what trains the weights: sgd, adam or rmsprop (default: sgd, for hyper-training and lstm adam)",
  },
  momentum: {
    group: "Training:",
    argument: "X",
    read: number,
    about: "momentum (default: 0.9 for sgd, 0 for rmsprop)",
  },
  schedule: {
    group: "Training:",
    argument: "NAME",
    read: text,
    about: "learning rate over the run: constant, cosine or step (default: constant)",
  },
  decayEpochs: {
    group: "Training:",
    needs: { field: "schedule", values: ["step"] },
    argument: "N,N,...",
    read: numbers,
    about: "epochs at which --schedule step lowers the learning rate",
  },
  decayFactor: {
    group: "Training:",
    needs: { field: "schedule", values: ["step"] },
    argument: "X",
    read: number,
    about: "factor of --schedule step (default: 0.2)",
  },
  clipNorm: {
    group: "Training:",
    argument: "X",
    read: number,
    about: "largest norm of a gradient (default: no limit)",
  },

  seed: {
    group: "Run:",
    basic: true,
    argument: "N",
    read: number,
    about: "everything random follows from it (default: 0)",
  },
  engine: {
    group: "Run:",
    argument: "NAME",
    read: text,
    about: "auto, onnx (native) or jax (default: auto, which is onnx where it starts)",
  },
  threads: {
    group: "Run:",
    argument: "N",
    read: number,
    needs: { field: "engine", values: ["auto", "onnx"] },
    about:
      "threads of the engine onnx; 1 where other work runs beside it (default: all cores, one for small networks)",
  },
  precision: {
    group: "Run:",
    argument: "NAME",
    read: text,
    about: "float32 or float64 (default: float32)",
  },
  out: {
    group: "Run:",
    basic: true,
    brief: "the run folder (default: runs/DATA-METHOD-SEED)",
    argument: "DIR",
    read: text,
    about: "the run folder to make (default: runs/DATA-METHOD-SEED, numbered if taken)",
  },
  store: {
    group: "Run:",
    argument: "FILE.db|URL",
    read: text,
    notCompared: "which keeps what it has found in its own folder, where the same --out goes on",
    about: "keep a search in a SQLite file or a postgres:// database, for several workers at once",
  },
  study: {
    group: "Run:",
    argument: "NAME",
    read: text,
    needs: { field: "store" },
    about: "what the search is called there (default: data, method and seed)",
    notCompared: "which makes no study",
  },
  trials: {
    group: "Run:",
    argument: "N",
    read: number,
    needs: { field: "store" },
    about: "trials that it starts (default: 20)",
    notCompared: "which gives all methods the same --time or --budget-steps",
  },
  workers: {
    group: "Run:",
    argument: "N",
    read: number,
    needs: { field: "store" },
    about: "processes that work on it here; others may join by `hypertrain work` (default: 1)",
    notCompared: "where --parallel says how many methods work at once",
  },
  watch: {
    group: "Run:",
    basic: true,
    about:
      "write the report while the run goes on: open report.html of the run folder, which loads itself anew",
    insteadInStudy: "`hypertrain study show` says how far it is",
  },
  json: { group: "Run:", basic: true, about: "print one JSON document on stdout" },
  quiet: { group: "Run:", basic: true, about: "no progress, only results and errors" },
} satisfies Readonly<Record<string, Field>>;

/** The name of a configuration's field. */
export type FieldName = keyof typeof fields;

/** The names of all fields, in the order of `--help`. */
export const fieldNames = Object.keys(fields) as readonly FieldName[]; // the keys are those of the literal above

/** The flag of a field: `hyperLr` is `--hyper-lr`. */
export const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
