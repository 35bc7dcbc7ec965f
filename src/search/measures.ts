/** What every trial has cost: seconds, gradients of a minibatch loss, and epochs. */
export const costMeasures = ["seconds", "gradients", "epochs"] as const;

/** What the size of a network gives, where hyperparameters change it: its weights, and the seconds in which it answers for a batch. */
export const networkMeasures = ["parameters", "latency"] as const;

/** The name of a measure that this project takes itself; the metric, further scores of a problem and what programs measure have names of their own. */
export type KnownMeasure = "loss" | (typeof costMeasures)[number] | (typeof networkMeasures)[number];

/** The measures of a trial that are known by name. */
export type KnownMeasures = { readonly [Name in KnownMeasure]?: number };

/** Whether a measure is one of a trial's curve, losses by epochs, for which tables of trials have columns of their own. */
export const isOfCurve = (measure: string): boolean =>
  measure === ("loss" satisfies KnownMeasure) || measure === ("epochs" satisfies KnownMeasure);
