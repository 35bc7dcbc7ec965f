import { nn, numpy as np } from "@jax-js/jax";

/** The activations that a hidden layer can have. */
export type ActivationName = "relu" | "tanh" | "gelu" | "sigmoid" | "silu" | "identity";

/**
 * What each name stands for, elementwise; `gelu` is the exact one, by the error function. Each consumes its argument. Values and
 * derivatives are finite for every finite number: where one of several is taken, the others must not spoil its gradient by a NaN.
 */
export const activations: Readonly<Record<ActivationName, (x: np.Array) => np.Array>> = {
  relu: (x) => nn.relu(x),
  tanh: (x) => np.tanh(x),
  gelu: (x) => nn.gelu(x, { approximate: false }),
  sigmoid,
  silu: (x) => x.ref.mul(sigmoid(x)),
  identity: (x) => x,
};

/** All names of activations. */
export const activationNames = Object.keys(activations) as readonly ActivationName[]; // the keys of the literal above

/** 1/(1 + exp(-x)) = (1 + tanh(x/2)) / 2. Not jax-js's own, whose derivative is 0 · ∞ where exp(-x) overflows. */
function sigmoid(x: np.Array): np.Array {
  return np.tanh(x.mul(0.5)).mul(0.5).add(0.5);
}
