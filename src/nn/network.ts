import type { numpy as np } from "@jax-js/jax";

import type { HostTree } from "../util/host-array.ts";
import type { RandomKey } from "../util/random.ts";
import type { Layers, LayerSpec } from "./layer.ts";
import type { OpenLayer, Supernetwork } from "./supernetwork.ts";

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
  /**
   * The same network with parts of its hidden layers (all layers but the last) left open, by the layers' names. Absent where its
   * architecture cannot be searched.
   */
  opened?(parts: Readonly<Record<string, OpenLayer>>): Supernetwork;
}
