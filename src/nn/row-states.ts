import { lax, type numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { HostArray, sizeOf, type HostTree } from "../util/host-array.ts";

/**
 * An array that each row of a minibatch hands to the row behind it in its stream, as the hidden state of a recurrent network over a text; no gradient
 * reaches it. At a stream's start it is 0, and everywhere where rows do not follow each other.
 */
export interface RowState {
  /** The layer that it belongs to. */
  readonly layer: string;
  /** Its name in that layer. */
  readonly name: string;
  /** The shape of one row's. */
  readonly shape: readonly number[];
}

/** What rows hand on, as networks see it. */
export interface Rows {
  /** What the rows before left, [rows, ...shape], with no derivative; the caller's own to consume. */
  before(layer: string, name: string): np.Array;
  /** Leaves an array for the rows behind, without its derivative. Consumes it. */
  leave(layer: string, name: string, value: np.Array): void;
}

/** The arrays at a stream's start, by layer and name. */
export function initRows(states: readonly RowState[], rows: number): HostTree {
  const all: Record<string, Record<string, HostArray>> = {};
  for (const { layer, name, shape } of states) {
    const zeros = new HostArray(new Float32Array(rows * sizeOf(shape)), [rows, ...shape]);
    all[layer] = { ...all[layer], [name]: zeros };
  }
  return all;
}

/** What rows see of a tree, which is borrowed; what they leave is dropped. */
export const droppedRows = (handed: ArrayTree): Rows => ({
  before: (layer, name) => lax.stopGradient(stateIn(handed, layer, name).ref),
  leave: (_, __, value) => value.dispose(),
});

/** What layers see of a tree, which is borrowed, and a tree like it of what rows have left; neither where there is none. */
export function rowsFrom(handed: ArrayTree | undefined): {
  readonly layers: { readonly rows?: Rows };
  left(): { rowsLeft?: ArrayTree };
} {
  if (!handed) return { layers: {}, left: () => ({}) };
  const kept: Record<string, Record<string, np.Array>> = {};
  const rows: Rows = {
    ...droppedRows(handed),
    leave(layer, name, value) {
      kept[layer]?.[name]?.dispose(); // of a prediction that is made twice
      kept[layer] = { ...kept[layer], [name]: lax.stopGradient(value) };
    },
  };
  return { layers: { rows }, left: () => ({ rowsLeft: kept }) };
}

const stateIn = (handed: ArrayTree, layer: string, name: string): np.Array =>
  (handed as Record<string, Record<string, np.Array>>)[layer]?.[name] as np.Array; // made of the network's own states
