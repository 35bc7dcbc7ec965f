import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { plainLayers } from "../nn/layer.ts";
import { HostArray, hostZeros, type HostTree } from "../util/host-array.ts";
import { partKey, normalsAt } from "../util/random.ts";
import type { Response } from "./response.ts";
import { sharedInput } from "./shared-input.ts";
import { demandGiven } from "../util/given.ts";
import { count } from "../util/rule.ts";

type LowRankLeaf = { gain: np.Array; direction: np.Array };

/**
 * The low-rank affine response: every leaf moves within `rank` learned directions, `w(h) = w0 + (h A) B` with A: [size, rank]
 * starting at zero and B: [rank, leaf size].
 *
 * For opaque parameter trees and many hyperparameters: memory `rank` (size + parameters) instead of `dense`'s
 * size * parameters. One response per minibatch.
 *
 * @throws {HypertrainError} for a rank that is no positive integer.
 */
export function lowRank(rank: number): Response {
  demandGiven("lowRank", { rank }, { rank: count });
  return {
    name: "low-rank",
    perMinibatch: true,
    init: (_, params, size, key) =>
      mapTreeToRecords(params, (leaf, path) => ({
        gain: hostZeros([size, rank]),
        direction: new HostArray(
          normalsAt(partKey(key, path), 0, rank * leaf.data.length).map((z) => z / Math.sqrt(rank)),
          [rank, leaf.data.length],
        ),
      })),
    layers(params, response, h) {
      const layers = () => {
        sharedInput(h);
        return plainLayers(movedBy(params, response, h));
      };
      return {
        apply: (layer, x) => layers().apply(layer, x),
        base: plainLayers(params).base,
        squaredNorm: (layer) => layers().squaredNorm(layer),
        params: () => layers().params(),
      };
    },
  };
}

function movedBy(params: ArrayTree, response: ArrayTree, h: np.Array): ArrayTree {
  const [bases, structure] = tree.flatten<np.Array>(params);
  const factors = tree.leaves<np.Array>(response); // gain, direction for every leaf, in its order
  const moved = bases.map((base, i) => {
    const leaf: LowRankLeaf = { gain: factors[2 * i] as np.Array, direction: factors[2 * i + 1] as np.Array };
    const along = np.matmul(np.matmul(h.ref, leaf.gain.ref), leaf.direction.ref); // [1, leaf size]
    return base.ref.add(along.reshape([...base.shape]));
  });
  return tree.unflatten(structure, moved) as ArrayTree;
}

/** Like `mapTree`, but each leaf becomes a record. */
const mapTreeToRecords = (
  node: HostTree,
  leaf: (array: HostArray, path: string) => Record<string, HostArray>,
  path = "root",
): HostTree =>
  node instanceof HostArray
    ? leaf(node, path)
    : Object.fromEntries(
        Object.entries(node).map(([name, child]) => [name, mapTreeToRecords(child, leaf, `${path}.${name}`)]),
      );
