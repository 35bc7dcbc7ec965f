/** The methods of the bench, as flags of `hypertrain compare`. */

/** A method: what `compare` calls it, and the flags that make it what its name says. */
export interface BenchMethod {
  /** None for the peer, a program of its own. */
  readonly method?: string;
  readonly flags: readonly string[];
}

/**
 * The papers' settings: the hyperparameters' RMSprop at .01 after five epochs and then every fifth step, everything else by SGD, and
 * perturbations drawn one by one.
 */
const paper = [
  ...["--perturbations", "independent", "--response-optimizer", "sgd", "--restart", "never"],
  ...["--hyper-optimizer", "rmsprop", "--hyper-lr", ".01", "--hyper-decay", "1000000"], // no decay
  ...["--warmup-epochs", "5", "--train-steps", "5", "--valid-batch-size", "128"],
];

/** The default before antithetic pairs, Adam, restarts and hyperparameters that come to rest. */
const old = [
  "--perturbations",
  "independent",
  "--hyper-optimizer",
  "rmsprop",
  "--hyper-lr",
  ".005",
  "--hyper-decay",
  "1000000", // no decay
  "--restart",
  "never",
];

/** A perceptron whose start regularises more: dropout .3 (input .1) and weight decays of .001, where its default has .05 and 1e-4. */
const regularised = [
  ...["--model", "mlp"],
  ...["dropout.*=0.3", "dropout.input=0.1", "l2.*=1e-3"].flatMap((hyper) => ["--hyper", hyper]),
];

/** By name, in the order in which they take turns. */
export const benchMethods: Readonly<Record<string, BenchMethod>> = {
  "delta-stn": { method: "delta-stn", flags: [] },
  random: { method: "random", flags: [] },
  fixed: { method: "fixed", flags: [] },
  "optuna-tpe": { flags: [] },
  "t1-t2": { method: "t1-t2", flags: [] },
  hyperband: { method: "hyperband", flags: [] },
  "delta-stn-old": { method: "delta-stn", flags: old },
  tpe: { method: "tpe", flags: [] },
  "delta-stn-paper": { method: "delta-stn", flags: paper },
  "delta-stn-regularised": { method: "delta-stn", flags: regularised },
  "fixed-regularised": { method: "fixed", flags: regularised },
  "delta-stn-folds": { method: "delta-stn", flags: ["--folds", "5"] },
  "fixed-folds": { method: "fixed", flags: ["--folds", "5"] },
  "delta-stn-perceptron": { method: "delta-stn", flags: ["--model", "mlp"] },
  "fixed-perceptron": { method: "fixed", flags: ["--model", "mlp"] },
  "linear-fixed": { method: "fixed", flags: ["--model", "linear"] },
};
