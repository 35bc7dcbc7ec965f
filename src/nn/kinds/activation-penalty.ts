import { kind } from "../kind.ts";
import { placeKey } from "../network.ts";

/** The step `activation-l2`. */
export const activationL2Kind = place(
  "activation-l2",
  "a place whose activations may be penalised, by the weight that the hyperparameter `activation-l2` has",
);

/** The step `activation-slowness`. */
export const activationSlownessKind = place(
  "activation-slowness",
  "a place of a sequence whose changes from step to step may be penalised, by `activation-slowness`",
);

function place(effect: string, about: string) {
  return kind({
    ...{ about, options: {} },
    misfit: ({ length }) =>
      effect === "activation-slowness" && length !== 2 ? "sequences [steps, numbers]" : undefined,
    step(shape, _, { name }) {
      const at = { name, shape: [], effect };
      return { shape, place: at, apply: (x, __, act) => act(placeKey(at), x) };
    },
  });
}
