/*
 * What data, network and loss of a supervised problem demand of each other.
 */
import type { numpy as np } from "@jax-js/jax";

import type { SupervisedData } from "../data/supervised-data.ts";
import type { Network } from "../nn/network.ts";
import { demandNatural } from "../space/natural-range.ts";
import type { Hyper } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import { nearest } from "../util/nearest.ts";
import { optionText } from "../util/option-text.ts";
import { unfitStrengths } from "./augmentation.ts";
import { effectOf, hyperNames } from "./effects.ts";
import type { Problem } from "./problem.ts";

/** Demands a loss and weights that the data have classes for; of a class for every step there is one loss alone. */
export function demandFittingLoss(
  data: SupervisedData,
  {
    loss,
    classWeights,
  }: {
    readonly loss: NonNullable<Problem["lossName"]>;
    readonly classWeights: "none" | "balanced";
  },
): void {
  if (data.perStep && (loss !== "cross-entropy" || classWeights !== "none")) {
    throw inputError(
      `a text must have the loss cross-entropy without class weights, but got ${loss} and ${classWeights}; leave them out`,
    );
  }
  if (data.task === "classification") return;
  if (classWeights === "balanced") {
    throw inputError(
      `${optionText("classWeights", classWeights)} must go with classes, but ${data.name} is a regression; leave it out`,
    );
  }
  if (loss !== "cross-entropy") return;
  throw inputError(
    `${optionText("loss", loss)} must go with classes, but ${data.name} is a regression; leave it out, or choose squared-error or gaussian`,
  );
}

/** Demands hyperparameters that act somewhere in the network, in ranges that their names allow. @throws {HypertrainError} */
export function demandFittingHypers(
  data: SupervisedData,
  network: Network,
  hypers: Readonly<Record<string, Hyper>>,
): void {
  const known = hyperNames(network);
  const stranger = Object.keys(hypers).find((name) => !known.includes(name));
  if (stranger !== undefined) {
    const unfit = unfitStrengths(data);
    const fitting = known.filter((name) => !unfit.includes(name));
    throw inputError(
      `a hyperparameter's name must be one of ${fitting.join(", ")} for this network and these data, but got "${stranger}"${nearest(stranger, fitting)}`,
    );
  }
  for (const [name, hyper] of Object.entries(hypers)) {
    demandNatural(name, effectOf(name)?.natural, hyper);
  }
}

/** Demands that embeddings have a vector for each word of the data, and that these are words. @throws {HypertrainError} */
export function demandWords(data: SupervisedData, { name, layers, description, titles }: Network): void {
  const embeddings = layers.filter(({ kind }) => kind === "embedding");
  const [first] = embeddings;
  if (!first || !(data.perStep || description)) return; // code of one's own may embed what it makes of the data
  const titleOf = ({ name: own }: Network["layers"][number]) => `${titles?.[own] ?? `"${own}"`} of ${name}`;
  const inputs = Object.values(data.splits).flatMap((part) => part.fields.x ?? []);
  if (!inputs.every(({ data: numbers }) => numbers instanceof Int32Array)) {
    throw inputError(
      `${titleOf(first)} must embed words, but ${data.name} has numbers; take another layer, such as linear or feature-tokens`,
    );
  }
  const most = inputs.reduce(
    (most, { data: words }) => (words as Int32Array).reduce((a, b) => Math.max(a, b), most),
    0,
  );
  const words = data.perStep ? data.outputs : 1 + most;
  const few = embeddings.find(({ weight }) => (weight.shape[0] as number) < words);
  if (!few) return;
  throw inputError(
    `${titleOf(few)} must have a vector for each of the ${words} words of ${data.name}, but has ${few.weight.shape[0]}; leave out its "words", or raise them`,
  );
}

/** Demands classes from 0 to one less than there are outputs; of a text a negative one is none. */
export function demandClasses({ name, task, outputs, perStep = false, splits }: SupervisedData): void {
  if (task !== "classification") return;
  for (const [part, { fields }] of Object.entries(splits)) {
    const classes: ArrayLike<number> = fields.y?.data ?? [];
    for (let i = 0; i < classes.length; i++) {
      const k = classes[i] as number;
      if (Number.isInteger(k) && k < outputs && (k >= 0 || perStep)) continue;
      throw inputError(
        `the classes of ${name} must be whole numbers from 0 to ${outputs - 1}, as it has ${outputs} outputs, but y of data.${part} has ${k}; count classes from 0, or raise \`outputs\``,
      );
    }
  }
}

/** Demands as many outputs as the data have classes or targets: others would be broadcast, and trained on. */
export function demandOutputs(
  { name, task, outputs }: SupervisedData,
  network: Network,
  out: np.Array,
): void {
  const has = out.shape.at(-1);
  if (has === outputs) return;
  const kinds = task === "classification" ? "classes" : "targets";
  throw inputError(
    `${network.name} must have as many outputs as ${name} has ${kinds}, ${outputs}, but has ${has}; make it with ${optionText("outputs", outputs)}`,
  );
}
