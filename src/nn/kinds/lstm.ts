import { numpy as np } from "@jax-js/jax";

import { kind, type Step } from "../kind.ts";
import type { Layer } from "../layer.ts";
import { lstm, lstmLayers, type LstmState } from "../lstm.ts";
import { placeKey, type ApplyEffect, type EffectPlace } from "../network.ts";
import { count } from "../option.ts";
import type { Rows } from "../row-states.ts";

/** The step `lstm`. */
export const lstmKind = kind({
  about: "an LSTM of `units` cells over the steps of a sequence",
  options: { units: count() },
  prefix: "lstm",
  misfit: ({ length }) =>
    length === 2 ? undefined : "sequences [steps, numbers], which embedding makes of words",
  step([steps = 0, inputs = 0], { units }, { name, perStep }) {
    const own = lstmLayers({ name, inputs, units });
    const { shape } = own.hidden.weight;
    const dropped: EffectPlace = { name, shape, effect: "dropconnect", per: "minibatch" };
    return {
      shape: [steps, units],
      kept: steps * units * 6, // four gates, cells and outputs
      inner: [partOf(own.input, [steps, inputs]), { ...partOf(own.hidden, [units]), place: dropped }],
      ...(perStep && { rowStates: stateParts.map((part) => ({ layer: name, name: part, shape: [units] })) }),
      apply(x, layers, act) {
        const rows = perStep ? layers.rows : undefined;
        const hidden = connected(own.hidden, dropped, act, x);
        const steps = { ...own, hidden: hidden.layer };
        const { outputs, state } = lstm(layers, steps, x, rows && stateBefore(rows, name));
        hidden.dispose();
        for (const part of stateParts) {
          if (rows) rows.leave(name, part, state[part]);
          else state[part].dispose();
        }
        return outputs;
      },
    };
  },
});

const stateParts = ["hidden", "cells"] as const satisfies readonly (keyof LstmState)[];

const stateBefore = (rows: Rows, name: string): LstmState => ({
  hidden: rows.before(name, "hidden"),
  cells: rows.before(name, "cells"),
});

/** A layer for all steps of a sequence. */
interface StepsLayer {
  readonly layer: Layer;
  dispose(): void;
}

/**
 * A layer with some of its weights dropped, where there is a rate for that; the same whatever weights it is given. What is left of each
 * weight is one array for all steps: a product with the mask at each would be one gradient of the whole weight at each.
 */
function connected(layer: Layer, place: EffectPlace, act: ApplyEffect, { dtype }: np.Array): StepsLayer {
  const ones = np.ones([1, ...place.shape], { dtype });
  const factors = act(placeKey(place), ones);
  if (factors === ones) return { layer, dispose: () => ones.dispose() };
  const mask = factors.reshape([...place.shape]);
  const dropped = new Map<np.Array, np.Array>();
  const left = (weight: np.Array): np.Array => {
    const [inputs, outputs] = weight.shape as [number, number];
    const each = outputs / (place.shape[1] as number);
    return weight.ref
      .reshape([inputs, outputs / each, each])
      .mul(mask.ref.reshape([inputs, outputs / each, 1]))
      .reshape([inputs, outputs]);
  };
  return {
    layer: {
      ...layer,
      map(weight, x) {
        const weights = dropped.get(weight) ?? left(weight);
        dropped.set(weight, weights);
        return layer.map(weights, x);
      },
    },
    dispose: () => [mask, ...dropped.values()].forEach((array) => array.dispose()),
  };
}

/** A layer of the step's own, which it applies itself. */
const partOf = (layer: Layer, shape: readonly number[]): Step => ({
  ...{ layer, shape },
  apply: (x, layers) => layers.apply(layer, x),
});

/** The step `last-step`. */
export const lastStepKind = kind({
  about: "the last step of a sequence as a vector",
  options: {},
  misfit: ({ length }) => (length === 2 ? undefined : "sequences [steps, numbers]"),
  step: ([steps = 0, inputs = 0]) => ({
    shape: [inputs],
    apply: (x) => x.slice([], steps - 1), // [rows, numbers]
  }),
});
