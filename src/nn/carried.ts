import { lax, type numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { workError } from "../util/error.ts";
import { HostArray, sizeOf, type HostTree } from "../util/host-array.ts";

/**
 * One array that training hands from a step to the next and no gradient reaches: a running statistic, a hidden state.
 */
export interface CarriedLeaf {
  /** The layer that it belongs to. */
  readonly layer: string;
  /** Its name in that layer. */
  readonly name: string;
  readonly shape: readonly number[];
  /** The number that it is filled with at first. */
  readonly start: number;
  /** How many numbers of a row each of its own is a statistic of, over a minibatch that must have more than one in all; absent where it is none. */
  readonly perRow?: number;
  /** Whether evaluation needs it, so that it belongs to the trained model. Default false. */
  readonly inModel?: boolean;
}

/** What is carried, as networks see it. */
export interface Carry {
  /** Whether this is a step of training, which leaves something for the next. */
  readonly training: boolean;
  /** What the step before left, with no derivative; the caller's own to consume. */
  get(layer: string, name: string): np.Array;
  /** Leaves an array for the next step, without its derivative. Of no effect outside of training. Consumes the array. */
  set(layer: string, name: string, value: np.Array): void;
  /** Leaves a running mean, moved towards a value. Of no effect outside of training. Consumes the value. */
  average(layer: string, name: string, value: np.Array): void;
}

/** The arrays at first, by layer and name. */
export const initCarried = (leaves: readonly CarriedLeaf[]): HostTree =>
  byLayer(leaves, ({ shape, start }) => new HostArray(new Float32Array(sizeOf(shape)).fill(start), shape));

/** What evaluation sees of a tree, which it borrows. */
export const heldCarry = (carried: ArrayTree): Carry => ({ ...readingFrom(carried), training: false });

/** What a step of training sees, where what it leaves is dropped. Borrows the tree. */
export const droppedCarry = (carried: ArrayTree): Carry => ({ ...readingFrom(carried), training: true });

/**
 * What a step of training sees, and what it has left once it is done: a tree like the one that it borrows.
 *
 * @param share how far running means go towards a value: a number, or a scalar that is borrowed
 */
export function keptCarry(
  leaves: readonly CarriedLeaf[],
  carried: ArrayTree,
  share: number | np.Array = RUNNING_SHARE,
): { readonly carry: Carry; left(): ArrayTree } {
  const set = new Map<string, np.Array>();
  const { get } = readingFrom(carried);
  const keep: Carry["set"] = (layer, name, value) => {
    set.get(`${layer}.${name}`)?.dispose();
    set.set(`${layer}.${name}`, lax.stopGradient(value));
  };
  const average: Carry["average"] = (layer, name, value) => {
    const old = get(layer, name);
    const way = value.sub(old.ref).mul(typeof share === "number" ? share : share.ref);
    keep(layer, name, old.add(way));
  };
  return {
    carry: { training: true, get, set: keep, average },
    left: () => byLayer(leaves, ({ layer, name }) => set.get(`${layer}.${name}`) ?? get(layer, name)),
  };
}

/** Parameters together with what belongs to the model of what is carried. Consumes the parameters, borrows the rest. */
export function withCarried<Params extends object, Leaf>(
  params: Params,
  leaves: readonly CarriedLeaf[],
  get: (layer: string, name: string) => Leaf,
): Params {
  const needed = leaves.filter(({ inModel }) => inModel);
  const added = Object.entries(byLayer(needed, ({ layer, name }) => get(layer, name)));
  const of = (layer: string) => params[layer as keyof Params];
  return { ...params, ...Object.fromEntries(added.map(([layer, own]) => [layer, { ...of(layer), ...own }])) };
}

const RUNNING_SHARE = 0.1; // PyTorch's

function readingFrom(carried: ArrayTree): Omit<Carry, "training"> {
  const drop: Carry["set"] = (_, __, value) => value.dispose();
  return {
    get(layer, name) {
      const found = (carried as Record<string, Record<string, np.Array> | undefined>)[layer]?.[name];
      if (found) return lax.stopGradient(found.ref);
      throw workError(
        `internal: a network must find "${name}" of "${layer}", which training carries, but its state lacks it`,
      );
    },
    set: drop,
    average: drop,
  };
}

function byLayer<T>(
  leaves: readonly CarriedLeaf[],
  make: (leaf: CarriedLeaf) => T,
): Record<string, Record<string, T>> {
  const all: Record<string, Record<string, T>> = {};
  for (const leaf of leaves) all[leaf.layer] = { ...all[leaf.layer], [leaf.name]: make(leaf) };
  return all;
}
