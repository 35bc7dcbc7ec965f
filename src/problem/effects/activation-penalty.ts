import { numpy as np } from "@jax-js/jax";

import { mean } from "../../nn/mean.ts";
import type { Effect } from "./effect.ts";
import { atPlaces } from "./places.ts";

/** α mean(h²) over the numbers of each example (Merity, McCann and Socher 2017, "activation regularization"). */
export const activationL2Effect = activationPenalty(
  "activation-l2",
  "a penalty on activations, α mean(h²) of each example",
  (h) => perExample(np.square(h)),
);

/** β mean((h_{t+1} - h_t)²) over the steps of each example (the same paper, "temporal activation regularization"). */
export const activationSlownessEffect = activationPenalty(
  "activation-slowness",
  "a penalty on changes between the steps of a sequence, β mean((h_{t+1} - h_t)²) of each example",
  (h) => {
    const [rows, steps] = h.shape as [number, number];
    if (steps > 1) return perExample(np.square(h.ref.slice([], [1, steps]).sub(h.slice([], [0, steps - 1]))));
    const { dtype } = h;
    h.dispose();
    return np.zeros([rows], { dtype });
  },
);

function activationPenalty(name: string, about: string, observe: NonNullable<Effect["observe"]>): Effect {
  return {
    ...{ name, about, observe },
    natural: { low: 0, high: Infinity },
    range: { low: 0, log: false },
    ...atPlaces(name),
    nowhere: (network) => `a step of its name, but ${network.name} has none; leave it out`,
  };
}

/** The mean over all axes but the first: [rows]. Consumes its argument. */
const perExample = (values: np.Array): np.Array => mean(values.reshape([values.shape[0] as number, -1]), 1);
