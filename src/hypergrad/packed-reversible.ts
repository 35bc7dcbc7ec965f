import type { numpy as np } from "@jax-js/jax";

import type { OnHost } from "../engine/engine.ts";
import { workError } from "../util/error.ts";
import { HostArray } from "../util/host-array.ts";
import { boundsAfter, LIMB_BITS, joinedHalves, splitHalves, type Ratio } from "./fixed-point.ts";
import type { ReversibleState } from "./reversible.ts";

/** A reversible state as arrays of an engine's integers; the numbers have two halves each. */
export type PackedArrays = {
  params: np.Array; // [2, weights]
  momentum: np.Array; // [2, weights]
  lost: np.Array; // [limbs, weights]
};

/** The same on the host. */
export type Packed = OnHost<PackedArrays>;

/**
 * Packs a reversible state into room for so many limbs.
 *
 * @throws {HypertrainError} where its lost bits have more.
 */
export function packed({ params, momentum, lost }: ReversibleState, limbs: number): Packed {
  if (lost.limbs.length > limbs) {
    throw workError(
      `what reversible learning loses in one window must fit into ${LIMB_BITS * limbs} bits a weight, but the momentum has become too small for it; give it a higher lower bound, or tune more often`,
    );
  }
  const weights = params.length;
  const bits = new Int32Array(limbs * weights);
  lost.limbs.forEach((limb, i) => bits.set(limb, i * weights));
  return {
    params: new HostArray(splitHalves(params), [2, weights]),
    momentum: new HostArray(splitHalves(momentum), [2, weights]),
    lost: new HostArray(bits, [limbs, weights]),
  };
}

/** The inverse of {@link packed}, after the steps of a window with these momenta. */
export function unpacked({ params, momentum, lost }: Packed, ratios: readonly Ratio[]): ReversibleState {
  const { history, bound, limbs } = boundsAfter(ratios);
  const weights = params.data.length / 2;
  const bits = lost.data as Int32Array;
  return {
    params: joinedHalves(params.data as Int32Array),
    momentum: joinedHalves(momentum.data as Int32Array),
    lost: {
      limbs: Array.from({ length: limbs }, (_, i) => bits.slice(i * weights, (i + 1) * weights)),
      history,
      bound,
    },
  };
}
