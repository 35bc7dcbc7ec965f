import { lax, numpy as np } from "@jax-js/jax";

import { imageMisfit, sidesBehind } from "../image.ts";
import { kind, type Kind } from "../kind.ts";
import { mean } from "../mean.ts";
import { optional, sides } from "../option.ts";

const pooling = (about: string, reduce: (window: np.Array, size: number) => np.Array) =>
  kind({
    about: `${about}; \`stride\` is the kernel's side unless given, and what is left over at the lower and right edge is not seen`,
    options: { kernel: sides(), stride: optional(sides()) },
    misfit: (shape, { kernel }) => imageMisfit(shape, { kernel, stride: kernel }),
    step([channels = 0, ...from], { kernel, stride = kernel }) {
      return {
        shape: [channels, ...sidesBehind(from, { kernel, stride })],
        apply: (x) =>
          lax.reduceWindow(x, (window) => reduce(window, kernel[0] * kernel[1]), [...kernel], [...stride]),
      };
    },
  });

/** The step `max-pool`. */
export const maxPoolKind = pooling("the largest number of every window of an image", (window) =>
  np.max(window),
);

/** The step `average-pool`. */
export const averagePoolKind = pooling("the mean of every window of an image", (window, size) =>
  window.sum().mul(np.array(1 / size, { dtype: window.dtype })),
);

/** The step `global-average-pool`. */
export const globalAveragePoolKind: Kind = kind({
  about: "the mean of every channel over the whole image, which leaves a vector",
  options: {},
  misfit: ({ length }) => (length === 3 ? undefined : "images [channels, height, width]"),
  step: ([channels = 0]) => ({
    shape: [channels],
    apply: (x) => mean(x.reshape([x.shape[0] as number, channels, -1]), 2),
  }),
});
