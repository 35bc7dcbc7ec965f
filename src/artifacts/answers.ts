import type { LossName } from "../problem/example-losses.ts";

/** Answers, one for each row, in their order. */
export type Prediction =
  /** Numbers in the target's own units. */
  { readonly kind: "numbers"; readonly values: readonly number[] } | ClassPrediction;

/** The most probable class of each row, and the probability of every class: [rows][classes]. */
export interface ClassPrediction {
  readonly kind: "classes";
  readonly classes: readonly string[];
  readonly values: readonly string[];
  readonly probabilities: readonly (readonly number[])[];
}

/** The classes that a network's outputs [rows][classes] say, and the probabilities that they give them. */
export function classAnswers(
  classes: readonly string[],
  loss: LossName,
  outputs: readonly (readonly number[])[],
): ClassPrediction {
  const probabilities = outputs.map(loss === "cross-entropy" ? softmax : shares);
  const values = probabilities.map(
    (row) => classes[row.indexOf(row.reduce((a, b) => Math.max(a, b)))] as string,
  );
  return { kind: "classes", classes, values, probabilities };
}

function softmax(logits: readonly number[]): number[] {
  const top = logits.reduce((a, b) => Math.max(a, b));
  return normalized(logits.map((logit) => Math.exp(logit - top)));
}

/** Of a network that was fitted to one-hot targets, whose outputs estimate probabilities: negative ones count as 0. */
function shares(outputs: readonly number[]): number[] {
  const positive = outputs.map((output) => Math.max(output, 0));
  return positive.every((share) => share === 0) ? softmax(outputs) : normalized(positive);
}

function normalized(weights: readonly number[]): number[] {
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}
