import { inputError } from "../../util/error.ts";
import { kind, type Step } from "../kind.ts";
import type { Layers } from "../layer.ts";
import type { ApplyEffect } from "../network.ts";
import { steps } from "../option.ts";
import type { numpy as np } from "@jax-js/jax";

/**
 * The step `residual`, `y = layers(x) + shortcut(x)`.
 *
 * @see He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2015, https://arxiv.org/abs/1512.03385
 */
export const residualKind = kind({
  about:
    "the sum of what `layers` make of its input and of that input, or of what the layers of `shortcut` make of it",
  options: { layers: steps(), shortcut: steps([]) },
  step(shape, { layers, shortcut }, { title, inside }) {
    const main = inside(layers, shape);
    const around = inside(shortcut, shape, main);
    const behind = (path: readonly Step[]) => path.at(-1)?.shape ?? shape;
    const [one, two] = [main, around].map((path) => behind(path).join(", "));
    if (one !== two) {
      throw inputError(
        `${title} must add what has one shape, but its layers give [${one}] and its shortcut [${two}]; change one of the two`,
      );
    }
    return {
      shape: behind(main),
      inner: [...main, ...around],
      apply: (x, at, act) => through(main, x.ref, at, act).add(through(around, x, at, act)),
    };
  },
});

/** x behind steps that follow each other. Consumes x. */
const through = (path: readonly Step[], x: np.Array, layers: Layers, act: ApplyEffect): np.Array =>
  path.reduce((y, step) => step.apply(y, layers, act), x);
