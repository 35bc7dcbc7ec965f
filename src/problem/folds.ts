import { nn, numpy as np, tree } from "@jax-js/jax";

import type { Dataset } from "../data/dataset.ts";
import { foldOfRows } from "../data/fold-rows.ts";
import type { SupervisedData } from "../data/supervised-data.ts";
import type { ArrayTree } from "../engine/engine.ts";
import type { Layer, Layers } from "../nn/layer.ts";
import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { HostArray, type HostTree } from "../util/host-array.ts";
import { partKey } from "../util/random.ts";
import type { Batch, Hypers, Metric, Noise, Problem, Task } from "./problem.ts";
import { defaultLoss, type LossName } from "./example-losses.ts";
import { supervised, type SupervisedOptions } from "./supervised.ts";

/**
 * K networks in one problem, tuned by cross-validation: each row validates one of them and trains the others.
 *
 * | symbol | meaning | here |
 * |---|---|---|
 * | K | the number of networks and of folds, which are parts of the rows of the same size | `folds` |
 * | f(i) | the fold that row i is in; -1 for test rows | the data's field `fold` |
 * | w_k | the weights of network k, which is trained on all folds but k | |
 *
 *     L_T(w, λ) = Σ_k [ K / (K - 1) · mean over all rows i of 1[f(i) ≠ k] loss(w_k, i, λ) + penalty(w_k, λ) ],
 *     L_V(w, λ) = mean over all rows i of loss(w_f(i), i).
 *
 * Of all rows, whose folds are of the same size, that is network k's mean over the rows that train it, but for the row by which folds may differ; of a minibatch its expectation is, since the factor counts
 * the rows that a fold has on average, not those that it happens to have there.
 *
 * The networks share nothing but λ, so that each is trained as it would be alone, and every tuner takes them for one large network.
 * The validation loss is that of all rows, each seen by a network that it did not train. Test rows and new rows are answered by
 * the ensemble: the mean of the probabilities, or of the numbers. A minibatch's gradient costs K times that of one network.
 *
 * @throws {HypertrainError} for what cannot be copied: an architecture that is searched, running statistics, augmentation.
 */
export function foldedTask({ folds, seed, ...options }: FoldedOptions): Task {
  const data = foldedData(options.data, folds, seed);
  const { problem } = supervised({ ...options, data });
  demandFoldable(problem, data);
  const ensemble = ensembleOf(problem, folds, data.task, options.loss);
  return { problem: foldedProblem(problem, folds, ensemble), data: data.splits };
}

/** What a task of K networks is made of. */
export interface FoldedOptions extends SupervisedOptions {
  /** How many; at least 2. The data's training part has all rows that are no test rows. */
  readonly folds: number;
  /** Which rows go together follows from it. */
  readonly seed: number;
}

/** The name of what belongs to network k, counted from 1. */
const nameOf = (k: number, name: string): string => `fold${k + 1}-${name}`;

/** The data with the field `fold`; all rows that train validate as well. */
function foldedData(data: SupervisedData, folds: number, seed: number): SupervisedData {
  const { train, test } = data.splits;
  if (folds > train.rows) {
    throw inputError(
      `there must be at least as many rows as folds, but got ${train.rows} rows and ${folds} folds; ask for fewer (${optionText("folds")})`,
    );
  }
  const classes = data.classes && (train.fields.y?.data as ArrayLike<number>);
  const fold = foldOfRows({ rows: train.rows, folds, seed, ...(classes && { classes }) });
  const all = withFold(train, fold);
  const tested = test && withFold(test, new Int32Array(test.rows).fill(-1));
  return { ...data, splits: { train: all, valid: all, ...(tested && { test: tested }) } };
}

const withFold = (part: Dataset, fold: Int32Array): Dataset => ({
  ...part,
  fields: { ...part.fields, fold: new HostArray(fold, [part.rows]) },
});

function demandFoldable(problem: Problem, { perStep }: SupervisedData): void {
  const odd = Object.entries({
    "an architecture that is searched": problem.architecture,
    "running statistics": problem.carried,
    "augmented images": problem.augmentation,
    "a text": perStep,
  }).find(([, there]) => there);
  if (!odd) return;
  throw inputError(
    `${optionText("folds")} must go with a plain network on rows of their own, but got ${odd[0]}; leave it out`,
  );
}

/** The problem of K networks that answer together, from that of one; their parameters are a folded task's. */
export function ensembleOf(
  one: Problem,
  folds: number,
  task: SupervisedData["task"],
  loss: LossName = defaultLoss({ task }),
): Ensemble {
  const copies = Array.from({ length: folds }, (_, k) => k);
  const answer = loss === "cross-entropy" ? meanProbabilities : meanNumbers;
  const each: Ensemble["each"] = (at, batch, hypers, noise, mode) =>
    copies.map((k) =>
      one.predict(copyOf(at, k), tree.ref(batch), tree.ref(hypers), noiseOf(one, noise, k), mode),
    );
  return {
    ...one,
    each,
    answer,
    layers: copies.flatMap((k) => (one.layers ?? []).map((layer) => renamed(layer, k))),
    init: (key, values) =>
      Object.fromEntries(
        copies.flatMap((k) =>
          Object.entries(one.init(partKey(key, nameOf(k, "init")), values)).map(([name, params]) => [
            nameOf(k, name),
            params as HostTree, // a supervised problem's parameters are records by layer
          ]),
        ),
      ),
    predict: (...given) => answer(each(...given) as np.Array[]), // it answers in evaluation alone
  };
}

/** K networks that answer together. */
export interface Ensemble extends Problem {
  /** The outputs of each: in evaluation an array, in training with what its loss needs beside, such as activations that are penalised. */
  each(...given: Parameters<Problem["predict"]>): ArrayTree[];
  /** The outputs of all from those of each in evaluation. */
  answer(outputs: readonly np.Array[]): np.Array;
}

/** The parameters of the first of the networks, which says what they are like. */
export const firstOf = (params: HostTree): HostTree => own(params as Record<string, HostTree>, 0);

/** What belongs to network k, by its names there. */
function own<T>(all: Readonly<Record<string, T>>, k: number): Record<string, T> {
  const prefix = nameOf(k, "");
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, part]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), part] as const] : [],
    ),
  );
}

/** Logarithms of the mean probabilities, which are logits of these: [rows, classes]. */
const meanProbabilities = (logits: readonly np.Array[]): np.Array =>
  nn.logmeanexp(np.stack(logits.map((each) => nn.logSoftmax(each))), 0);

/** [rows, outputs] */
const meanNumbers = (outputs: readonly np.Array[]): np.Array =>
  scaled(
    outputs.reduce((sum, each) => sum.add(each)),
    1 / outputs.length,
  );

/** By a number of the array's own type: see `mean`. */
const scaled = (array: np.Array, factor: number): np.Array =>
  array.mul(np.array(factor, { dtype: array.dtype }));

function foldedProblem(one: Problem, folds: number, ensemble: Ensemble): Problem {
  const { penalty, metric } = one;
  const { each, answer, layers = [], init } = ensemble;
  const copies = Array.from({ length: folds }, (_, k) => k);
  const listed = (outputs: ArrayTree) =>
    copies.map((k) => (outputs as Record<string, ArrayTree>)[nameOf(k, "y")] as ArrayTree);
  /** Of each row the outputs of the network that it validates; of test rows the ensemble's. */
  const judged = (outputs: ArrayTree, { fold }: Batch): np.Array => {
    const answers = listed(outputs) as np.Array[]; // of evaluation
    const own = answers.map((out, k) => out.ref.mul(column(isIn(fold as np.Array, k, out), out)));
    const tested = column(isIn(fold as np.Array, -1, own[0] as np.Array), own[0] as np.Array);
    return own.reduce((sum, out) => sum.add(out)).add(answer(answers).mul(tested));
  };
  const validLoss = one.validLoss ?? one.loss;
  return {
    ...one,
    ...{ name: `${folds} folds of ${one.name}`, layers, init, models: folds, ensemble },
    noise: Object.fromEntries(
      copies.flatMap((k) => Object.entries(one.noise).map(([name, input]) => [nameOf(k, name), input])),
    ),
    predict: (at, batch, ...given) =>
      Object.fromEntries(each(at, withoutFold(batch), ...given).map((out, k) => [nameOf(k, "y"), out])),
    loss: (outputs, batch, hypers) =>
      listed(outputs)
        .map((out, k) => {
          const loss = one.loss(out, tree.ref(withoutFold(batch)), tree.ref(hypers));
          const others = isIn(batch.fold as np.Array, k, loss)
            .mul(-1)
            .add(1);
          return scaled(loss.mul(others), folds / (folds - 1));
        })
        .reduce((sum, loss) => sum.add(loss)),
    validLoss: (outputs, batch, hypers) => validLoss(judged(outputs, batch), withoutFold(batch), hypers),
    ...(penalty && {
      penalty: (at: Layers, hypers: Hypers) =>
        copies.map((k) => penalty(copyOf(at, k), tree.ref(hypers))).reduce((sum, term) => sum.add(term)),
    }),
    ...(metric && { metric: judgedMetric(metric, judged) }),
  };
}

function judgedMetric(metric: Metric, judged: (outputs: ArrayTree, batch: Batch) => np.Array): Metric {
  const { perExample, details } = metric;
  return {
    ...metric,
    perExample: (outputs, batch) => perExample(judged(outputs, batch), withoutFold(batch)),
    ...(details && {
      details: {
        ...details,
        sums: (outputs, batch, weight) => details.sums(judged(outputs, batch), withoutFold(batch), weight),
      },
    }),
  };
}

const renamed = (layer: Layer, k: number): Layer => ({ ...layer, name: nameOf(k, layer.name) });

/** Network k's layers among all. */
const copyOf = (all: Layers, k: number): Layers => ({
  apply: (layer, x) => all.apply(renamed(layer, k), x),
  base: ({ name }) => all.base({ name: nameOf(k, name) }),
  squaredNorm: (layer) => all.squaredNorm(renamed(layer, k)),
  params: () => own(all.params() as Record<string, ArrayTree>, k),
});

const withoutFold = ({ fold: _fold, ...batch }: Batch): Batch => batch;

const noiseOf = (one: Problem, noise: Noise, k: number): Noise =>
  Object.fromEntries(
    Object.keys(one.noise).flatMap((name) => {
      const drawn = noise[nameOf(k, name)];
      return drawn ? [[name, drawn]] : []; // none in evaluation
    }),
  );

/** 1 for the rows of a fold, else 0: [rows], in the type of `like`, which is only looked at. Borrows. */
const isIn = (fold: np.Array, k: number, like: np.Array): np.Array =>
  np.equal(fold.ref, k).astype(like.dtype);

/** [rows] in a shape that goes with `like`: [rows, outputs]. */
const column = (values: np.Array, like: np.Array): np.Array =>
  values.reshape([values.shape[0] as number, ...like.shape.slice(1).map(() => 1)]);
