/** A loss on one part of the data, with the metric that people read, where the problem has one. */
export interface Score {
  readonly loss: number;
  readonly metric?: { readonly name: string; readonly value: number };
  /** Further measures by name: `balanced accuracy` and `F1` (macro), or `MAE` and `RMSE` in the target's own units. */
  readonly measures?: Readonly<Record<string, number>>;
  /** How many rows of each class (first index) are taken for which (second); absent beyond 50 classes. */
  readonly confusion?: readonly (readonly number[])[];
}

/**
 * A hyperparameter at one moment, in natural units: a number, the option that a choice has, or one entry per element of a
 * hyperparameter with a shape.
 */
export interface HyperPoint {
  readonly value: number | readonly number[] | string | boolean;
  /** In a stored trace, of a hyperparameter with thousands of elements: their number and quantiles, where `value` is their mean. */
  readonly elements?: {
    readonly count: number;
    readonly q10: number;
    readonly q50: number;
    readonly q90: number;
  };
  /** The perturbation's standard deviation in unconstrained space; absent where the method has none. */
  readonly scale?: number | readonly number[];
  /** The values one scale below and above, in natural units; absent where the method has no scale. */
  readonly band?: readonly [low: number, high: number];
}

/** What every method reports at the end of an epoch. One storage, one report and one comparison serve all. */
export interface TracePoint {
  /** Training steps so far. */
  readonly step: number;
  /** Passes over the training data so far. */
  readonly epoch: number;
  /** Training examples in the minibatches so far: since an epoch's last minibatch is filled up with rows of the next, these are up to a minibatch an epoch more than rows times epochs. */
  readonly examples: number;
  /** Gradients of a minibatch loss evaluated so far, training and validation. */
  readonly gradientEvaluations: number;
  /** Wall-clock time of training and evaluation so far, in seconds. The only field that two equal runs may differ in, but for a trial's measures of time. */
  readonly seconds: number;
  readonly hyperparameters: Readonly<Record<string, HyperPoint>>;
  /** The mean training loss of the epoch's minibatches (dropout on), without the penalty; absent before the first step. */
  readonly train?: { readonly loss: number; readonly penalty: number };
  readonly valid: Score;
  readonly test?: Score;
  /** The losses of the validation rows apart, where some are kept from the tuner; the lowest on those is the best point's. */
  readonly guard?: { readonly rows: number; readonly loss: number; readonly seen: number };
  /**
   * That the network is not what the run is for: one of weights that SMASH's hypernetwork generates, before it trains any, or one of a training that breaks the bounds of a search. No
   * such point is the best of a run that has others.
   */
  readonly unfit?: true;
  /** The step at which training began anew from the hyperparameters found; absent before, and where it never did. */
  readonly restartedAt?: number;
  /** What learning rates are multiplied by from here on, where the run lowers them by its validation loss. */
  readonly rateFactor?: number;
  /** How the method's response did against training, where it was checked. */
  readonly check?: ResponseCheck;
  /** In a study: the weights of the network, where their number follows from hyperparameters. */
  readonly parameters?: number;
  /** In a search that follows it: seconds in which that network answers for a batch, alone. */
  readonly latency?: number;
  /** In a search: the training that this is of, its own epochs and, in a search with objectives, what it has measured until now. */
  readonly trial?: {
    readonly number: number;
    readonly epoch: number;
    /** That the training failed behind it, before it was where its scheduler wanted it: then it is no result of the search. */
    readonly failed?: true;
    readonly measures?: Readonly<Record<string, number>>;
  };
}

/** A learned response held against a few steps of training, at hyperparameters that it calls better. */
export interface ResponseCheck {
  /** How much it said that these steps would change the validation loss. */
  readonly predicted: number;
  /** How much they did. */
  readonly seen: number;
  /** How much they did at hyperparameters as far away on the other side; absent in runs of earlier versions. */
  readonly opposite?: number;
  /** How much of it may be chance, by which minibatches and which noise the steps met: the standard error over repeats. */
  readonly noise: number;
  /**
   * The cosine between its hypergradient and that of training itself, differentiated through these steps, over the hyperparameters by
   * which that is possible; absent where there are none.
   */
  readonly cosine?: number;
}
