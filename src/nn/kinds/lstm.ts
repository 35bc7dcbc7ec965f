import { kind, type Step } from "../kind.ts";
import type { Layer } from "../layer.ts";
import { lstm, lstmLayers } from "../lstm.ts";
import { count } from "../option.ts";

/** The step `lstm`. */
export const lstmKind = kind({
  about: "an LSTM of `units` cells over the steps of a sequence",
  options: { units: count() },
  prefix: "lstm",
  misfit: ({ length }) =>
    length === 2 ? undefined : "sequences [steps, numbers], which embedding makes of words",
  step([steps = 0, inputs = 0], { units }, { name }) {
    const own = lstmLayers({ name, inputs, units });
    return {
      shape: [steps, units],
      inner: [partOf(own.input, [steps, inputs]), partOf(own.hidden, [units])],
      apply(x, layers) {
        const { outputs, state } = lstm(layers, own, x);
        state.hidden.dispose();
        state.cells.dispose();
        return outputs;
      },
    };
  },
});

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
