/**
 * Losses and metrics per example, on traced arrays. All consume their arrays.
 *
 * | symbol | meaning | shape | name |
 * |---|---|---|---|
 * | z | unnormalised log probabilities | [rows, ..., classes] | `logits` |
 * | k | class | [rows, ...], int32 | `labels` |
 * | f | prediction | [rows, outputs] | `prediction` |
 * | y | target | [rows, outputs] | `target` |
 */
import { lax, nn, numpy as np } from "@jax-js/jax";

import { demandGiven } from "../util/given.ts";
import { positive } from "../util/rule.ts";
import { anArray } from "./an-array.ts";
import { mean } from "./mean.ts";

/**
 * Cross entropy of a softmax, `-log softmax(z)_k = log sum_j exp(z_j) - z_k`: [rows, ...].
 *
 * Stable for logits of any finite size; differentiable in the logits any number of times. A label outside [0, classes) yields Infinity: no
 * output gives it a probability.
 *
 * @throws {HypertrainError} for what is no array of jax-js.
 */
export function crossEntropy(logits: np.Array, labels: np.Array): np.Array {
  demandGiven("crossEntropy", { logits, labels }, { logits: anArray, labels: anArray });
  const known = np.log(oneHot(labels.ref, logits).sum(-1)); // 0, or -Infinity for a label outside
  return knownCrossEntropy(logits, labels).sub(known); // [rows, ...]
}

/** {@link crossEntropy} of labels that are known to lie in [0, classes). */
export const knownCrossEntropy = (logits: np.Array, labels: np.Array): np.Array => {
  const target = oneHot(labels, logits);
  return np.negative(nn.logSoftmax(logits).mul(target).sum(-1)); // [rows, ...]
};

/**
 * The same for many classes, such as the words of a language: what it takes of each row is the one logit of its class, and not the product with a
 * one-hot row as long as the vocabulary, of which step and derivative would make three more. A negative label is none, and yields 0.
 *
 * @throws {HypertrainError} for what is no array of jax-js.
 */
export function tokenCrossEntropy(logits: np.Array, labels: np.Array): np.Array {
  demandGiven("tokenCrossEntropy", { logits, labels }, { logits: anArray, labels: anArray });
  const classes = logits.shape.at(-1) as number;
  const { shape, size } = labels;
  const there = np.greaterEqual(labels.ref, 0);
  const known = np.less(labels.ref, classes);
  const rows = np.arange(0, size, 1, { dtype: np.int32 });
  const at = rows.mul(classes).add(np.clip(labels, 0, classes - 1).reshape([-1]));
  const own = np.take(logits.ref.reshape([-1]), at).reshape(shape);
  const top = lax.stopGradient(np.max(logits.ref, -1, { keepdims: true })); // so that no exponential overflows
  const total = np.log(np.exp(logits.sub(top.ref)).sum(-1));
  return total.sub(own.sub(top.reshape(shape))).mul(there.astype(total.dtype).div(known.astype(total.dtype))); // [rows, ...]
}

/** Mean over the outputs of the squared difference, `mean_o (f_o - y_o)^2`: [rows]. @throws {HypertrainError} for what is no array of jax-js. */
export function squaredError(prediction: np.Array, target: np.Array): np.Array {
  demandGiven("squaredError", { prediction, target }, { prediction: anArray, target: anArray });
  return mean(np.square(prediction.sub(target)), -1); // [rows]
}

/**
 * Mean over the outputs of the negative log density of a normal distribution around the prediction:
 * `mean_o (f_o - y_o)^2 / (2 variance) + log(2 pi variance) / 2`: [rows].
 *
 * With a standard deviation of 0.1 it is 50 MSE - 1.3836466, the loss of the authors' code for hyper-training (Lorraine and
 * Duvenaud, 2018).
 *
 * @param variance of one output, positive
 * @throws {HypertrainError} if the variance is not positive, and for what is no array of jax-js.
 */
export function gaussianNll(prediction: np.Array, target: np.Array, variance: number): np.Array {
  demandGiven(
    "gaussianNll",
    { prediction, target, variance },
    { prediction: anArray, target: anArray, variance: positive },
  );
  return squaredError(prediction, target)
    .mul(0.5 / variance)
    .add(0.5 * Math.log(2 * Math.PI * variance));
}

/** 1 where the class with the greatest logit, the first of them in a tie, is the label, else 0: [rows]. No derivative. @throws {HypertrainError} for what is no array of jax-js. */
export function accuracy(logits: np.Array, labels: np.Array): np.Array {
  demandGiven("accuracy", { logits, labels }, { logits: anArray, labels: anArray });
  const { dtype } = logits;
  return np.equal(np.argmax(logits, -1), labels).astype(dtype);
}

/** Classes [rows, ...] as rows of the identity, in the shape and type of `like`, which is only looked at. Consumes labels. */
export function oneHot(labels: np.Array, like: np.Array): np.Array {
  const all = np.arange(0, like.shape.at(-1) as number, 1, { dtype: np.int32 });
  return np.equal(labels.reshape([...like.shape.slice(0, -1), 1]), all).astype(like.dtype); // [rows, ..., classes]
}
