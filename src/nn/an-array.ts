import type { numpy as np } from "@jax-js/jax";

import { objectWith } from "../util/rule.ts";

/** What an array that programs compute with must be. It is looked at where a program is traced, once, and not in its steps. */
export const anArray = objectWith<Pick<np.Array, "shape" | "dtype">>(
  "an array of hypertrain/jax, such as np.array([1, 2])",
  {
    shape: "object",
    dtype: "string",
  },
);
