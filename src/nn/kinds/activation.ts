import { activations, type ActivationName } from "../activation.ts";
import { kind } from "../kind.ts";

/** The step of an activation, which has its name. */
export const activationKind = (name: ActivationName) =>
  kind({
    about: `the activation ${name}`,
    options: {},
    step: (shape) => ({ shape, apply: (x) => activations[name](x) }),
  });
