import type { numpy as np } from "@jax-js/jax";

import type { HostTree } from "../util/host-array.ts";
import type { RandomKey } from "../util/random.ts";
import type { Layers, LayerSpec } from "./layer.ts";

/** A point in a network where elements may be dropped; `shape` is that of one example. */
export interface DropoutPlace {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Applies dropout at a named place, or returns x where that place has no rate. Consumes x. */
export type Dropout = (place: string, x: np.Array) => np.Array;

/** A model as a pure function over {@link Layers}: no weights, no hyperparameters, no randomness of its own. */
export interface Network {
  readonly name: string;
  readonly layers: readonly LayerSpec[];
  readonly dropouts: readonly DropoutPlace[];
  /** The parameters: one record per layer, by its name. */
  init(key: RandomKey): HostTree;
  /** The outputs [rows, outputs] for inputs x [rows, ...]. Consumes x. */
  apply(layers: Layers, x: np.Array, dropout: Dropout): np.Array;
}
