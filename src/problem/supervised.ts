import type { numpy as np } from "@jax-js/jax";

import { someExamples, type SupervisedData } from "../data/supervised-data.ts";
import type { ArrayTree } from "../engine/engine.ts";
import type { Layers } from "../nn/layer.ts";
import { aNetwork, placeKey, type EffectPlace, type Network } from "../nn/network.ts";
import type { Hyper } from "../space/space.ts";
import { createSpace, startValues } from "../space/space.ts";
import { aHyper } from "../space/values.ts";
import { inputError } from "../util/error.ts";
import { ownOptions } from "../util/given.ts";
import { byName, needed, number, oneOf, type Rules } from "../util/rule.ts";
import { searchedNetwork, type SearchedNetwork } from "./architecture.ts";
import { imageAugmentation } from "./augmentation.ts";
import { effectOf } from "./effects.ts";
import type { Effect, PenaltyTerm } from "./effects/effect.ts";
import { defaultLoss, exampleLossesOf, type LossName } from "./example-losses.ts";
import { accuracyMetric, determinationMetric, perplexityMetric } from "./metrics.ts";
import {
  aLossName,
  type Batch,
  type Hypers,
  type Metric,
  type Mode,
  type Noise,
  type NoiseInput,
  type Problem,
  type Task,
} from "./problem.ts";
import { demandFittingHypers, demandFittingLoss, demandWords, demandClasses } from "./supervised-demands.ts";

/** What a supervised task is made of. */
export interface SupervisedOptions {
  readonly data: SupervisedData;
  readonly network: Network;
  /**
   * The hyperparameters by name. A name says where it acts:
   *
   * - `dropout`: one rate for all places; `dropout.input`, `dropout.fc1`, …: the rate of one place;
   * - `l2`: weight decay of the whole network; `l2.fc1`, …: of one layer; `l2.each`: of every weight and every bias
   *   (shape `[parameters]`, layer after layer, each one's weight and then its bias);
   * - `l1`, `l1.fc1`, `l1.each`: likewise for the sum of absolute weights. These and `l2.each` are perturbed per minibatch;
   * - `width.fc1` (an integer), `activation.fc1` (a choice of names), `skip.fc2` (a choice of false and true; a residual connection
   *   around a hidden layer behind the first), or without a layer for all: the architecture, whose largest widths replace the
   *   network's. Searches and `smash` choose it; methods that follow a gradient refuse it.
   *
   * The penalty is `½ λ Σ w²` for `l2` and `λ Σ |w|` for `l1`, biases left out except in `.each`.
   */
  readonly hypers: Readonly<Record<string, Hyper>>;
  /**
   * Default: cross-entropy for classes, squared error for numbers; numbers have no cross-entropy. `gaussian` is the negative log density at a
   * standard deviation of 0.1, whose gradients are 50 times squared error's: the learning rate of `sgd` must be that much lower. With classes
   * these two compare the outputs with one-hot targets.
   */
  readonly loss?: LossName;
  /**
   * `balanced` weighs every row by rows / (classes * rows of its class), counted over the training part, so that classes of different
   * sizes have the same weight in the training and the validation loss. Default `none`.
   */
  readonly classWeights?: "none" | "balanced";
  /** Strengths of what is done to training images that are not tuned, by the names that hyperparameters for them have; default none. */
  readonly augment?: Readonly<Record<string, number>>;
}

/** What {@link SupervisedOptions} must be. */
export const supervisedRules = {
  ...{ data: needed(someExamples), network: needed(aNetwork), hypers: needed(byName(aHyper)) },
  ...{ loss: aLossName, classWeights: oneOf("none", "balanced") },
  augment: byName(number()),
} satisfies Rules<SupervisedOptions>;

/**
 * A network trained on labelled examples, with dropout rates and penalty weights as hyperparameters.
 *
 * ```ts
 * supervised({ data, network: mlp({ inputs: 64, hidden: [32], outputs: 10 }), hypers: { "l2": real(1e-4, { low: 1e-6, high: 1, log: true }) } });
 * ```
 *
 * @throws {HypertrainError} for a hyperparameter whose name fits nothing in the network, or whose range leaves what the name means:
 *   rates of dropout from 0 to 1, penalties from 0 on; for a loss or class weights that need classes where there are none; for classes without an output; and for options
 *   that are none of these.
 */
export function supervised(options: SupervisedOptions): Task {
  const own = ownOptions("supervised", options, supervisedRules);
  const { data, network, hypers, loss = defaultLoss(data), classWeights = "none" } = own;
  demandFittingLoss(data, { loss, classWeights });
  demandWords(data, network);
  demandClasses(data);
  demandFittingHypers(data, network, hypers);
  const searched = searchedNetwork(network, hypers);
  const problem = searched ? searchedProblem(options, searched) : problemOf(options);
  return { problem, data: data.splits };
}

/** The problem of a network; `apply` is what it computes, where hyperparameters have a say in that. */
function problemOf(
  { data, network, hypers, loss = defaultLoss(data), classWeights = "none", augment = {} }: SupervisedOptions,
  apply: SearchedNetwork["apply"] = (layers, x, drop) => network.apply(layers, x, drop),
): Problem {
  const acts = actsOf(network, hypers);
  const observers = observersOf(network, hypers);
  const augmentation = imageAugmentation(data, Object.keys(hypers), augment);
  const penalties = Object.keys(hypers).flatMap((name) => effectOf(name)?.penalty?.(network, name) ?? []);
  const exampleLosses = exampleLossesOf({ data, network, loss, classWeights });
  return {
    name: `${network.name} on ${data.name}`,
    space: createSpace(perMinibatchWhereNeeded(hypers, penalties)),
    layers: network.layers,
    ...(network.carried && { carried: network.carried }),
    ...(network.rowStates && data.splits.train.order === "streams" && { rowStates: network.rowStates }),
    discontinuous: [...[...acts.values()].map(({ hyper }) => hyper), ...(augmentation?.hypers ?? [])],
    smooth: penalties.filter(({ smooth }) => smooth).map(({ hyper }) => hyper),
    decays: penalties.filter(({ decays }) => decays).map(({ hyper }) => hyper),
    noise: Object.fromEntries([...acts].map(([place, { noise }]) => [place, noise])),
    init: (key) => network.init(key),
    predict: (layers: Layers, batch: Batch, values: Hypers, noise: Noise, mode: Mode): ArrayTree => {
      const seen: Record<string, np.Array> = {};
      const atPlace = (place: string, x: np.Array) => {
        if (mode === "eval") return x;
        const observer = observers.get(place);
        if (observer) seen[place] = observer.observe(x.ref);
        const at = acts.get(place);
        return at ? at.act(x, (values[at.hyper] as np.Array).ref, noise[place] as np.Array) : x;
      };
      const y = apply(layers, batch.x as np.Array, atPlace, values);
      return Object.keys(seen).length === 0 ? y : { y, seen };
    },
    lossName: loss,
    loss: (outputs, batch, values) => {
      const { y, seen } = observedOf(outputs);
      const added = Object.entries(seen).map(([place, size]) =>
        size.mul((values[observers.get(place)?.hyper as string] as np.Array).ref),
      );
      return added.reduce((sum, more) => sum.add(more), exampleLosses(y, batch));
    },
    ...(penalties.length > 0 && { penalty: (layers, values) => sumPenalties(penalties, layers, values) }),
    ...(augmentation && { augmentation }),
    metric: metricOf(data),
  };
}

/** What is done at a place of the network, by which hyperparameter and draws. */
interface Act {
  readonly hyper: string;
  readonly act: NonNullable<Effect["act"]>;
  readonly noise: NoiseInput;
}

/** What the hyperparameters do at the network's places, by place. */
const actsOf = ({ places }: Network, hypers: Readonly<Record<string, Hyper>>): ReadonlyMap<string, Act> =>
  new Map(
    places.flatMap((place): [string, Act][] => {
      const { shape, effect = "dropout", per = "example" } = place;
      const act = effectOf(effect)?.act;
      const hyper = hyperOf(place, hypers);
      if (!act || hyper === undefined) return [];
      return [[placeKey(place), { hyper, act, noise: { distribution: "uniform", shape, per } }]];
    }),
  );

/** What a network answers where some of its activations have a penalty. */
type ObservedOutputs = { readonly y: np.Array; readonly seen: Readonly<Record<string, np.Array>> };

const observedOf = (outputs: ArrayTree): ObservedOutputs =>
  "seen" in outputs ? (outputs as ObservedOutputs) : { y: outputs as np.Array, seen: {} }; // as predict made them

/** What is penalised at the network's places, by which hyperparameter. */
const observersOf = ({ places }: Network, hypers: Readonly<Record<string, Hyper>>) =>
  new Map(
    places.flatMap((place): [string, { hyper: string; observe: NonNullable<Effect["observe"]> }][] => {
      const { observe } = effectOf(place.effect ?? "dropout") ?? {};
      const hyper = hyperOf(place, hypers);
      return observe && hyper !== undefined ? [[placeKey(place), { hyper, observe }]] : [];
    }),
  );

/** The hyperparameter that acts at a place: its own, or that of all places. */
const hyperOf = (
  { name, effect = "dropout" }: EffectPlace,
  hypers: Readonly<Record<string, Hyper>>,
): string | undefined => [`${effect}.${name}`, effect].find((candidate) => candidate in hypers);

function metricOf(data: SupervisedData): Metric {
  if (data.perStep) return perplexityMetric;
  return data.task === "classification" ? accuracyMetric(data) : determinationMetric(data);
}

/** The same of the largest network, in which hyperparameters choose an architecture. */
function searchedProblem(options: SupervisedOptions, searched: SearchedNetwork): Problem {
  const { hypers } = options;
  const { names, largest, masked, cropped } = searched;
  const each = Object.keys(hypers).find((name) => name.endsWith(".each"));
  if (each !== undefined) {
    throw inputError(
      `"${each}" must come with an architecture that stands still, since each weight has a penalty of its own, but got ${names.join(", ")}; leave one of them out`,
    );
  }
  const problem = problemOf({ ...options, network: largest }, searched.apply);
  const others = Object.fromEntries(Object.entries(hypers).filter(([name]) => !names.includes(name)));
  return {
    ...problem,
    init: (key, values = startValues(problem.space)) => searched.init(key, values),
    architecture: {
      ...{ names, masked, cropped },
      alone: (values) => problemOf({ ...options, network: searched.plain(values), hypers: others }),
    },
  };
}

const sumPenalties = (terms: readonly PenaltyTerm[], layers: Layers, hypers: Hypers): np.Array =>
  terms
    .map((term) => term.value(layers, (hypers[term.hyper] as np.Array).ref))
    .reduce((sum, term) => sum.add(term));

/** One set of weights per minibatch if any penalty must see the weights themselves, or anything is done to them. */
const perMinibatchWhereNeeded = (
  hypers: Readonly<Record<string, Hyper>>,
  penalties: readonly PenaltyTerm[],
): Record<string, Hyper> =>
  penalties.some(({ readsWeights }) => readsWeights) ||
  Object.keys(hypers).some((name) => effectOf(name)?.perMinibatch)
    ? Object.fromEntries(
        Object.entries(hypers).map(([name, hyper]) => [
          name,
          hyper.kind === "choice" ? hyper : { ...hyper, perturb: "minibatch" },
        ]),
      )
    : { ...hypers };
