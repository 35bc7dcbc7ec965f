import { numpy as np } from "@jax-js/jax";

import type { Response } from "../response/response.ts";
import { blocksOf, type Space } from "../space/space.ts";
import { HostArray } from "../util/host-array.ts";

/**
 * Hyperparameters too many for a response, such as a penalty for each weight, perturbed and answered for together.
 *
 * The hyperparameters of one name are a group where they are more than `apart`: one draw perturbs them all, and the response sees their
 * mean, so that it has one input for them and they move as one. Perturbed one by one, each changes the weights by less than the draws of
 * all others do, and nothing is learned.
 */
export interface Together {
  /** The response with an input for each group. */
  readonly response: Response;
  /** Perturbations [rows, size] with one draw for each group in every row. */
  perturbation(draws: HostArray): HostArray;
  /** What each coordinate counts: [size]; a group counts as one hyperparameter. */
  readonly counts: Float64Array;
  /** The names of the groups, with their sizes. */
  readonly groups: readonly { readonly name: string; readonly width: number }[];
}

/** What goes together in a space, for a response. */
export function together(response: Response, space: Space, apart: number): Together {
  const blocks = blocksOf(space);
  const isGroup = (width: number): boolean => width > apart;
  const counts = Float64Array.from(
    blocks.flatMap(({ width }) => Array<number>(width).fill(isGroup(width) ? 1 / width : 1)),
  );
  const groups = blocks.filter(({ width }) => isGroup(width));
  if (groups.length === 0) return { response, perturbation: (draws) => draws, counts, groups };
  const inputs = blocks.reduce((sum, { width }) => sum + (isGroup(width) ? 1 : width), 0);
  return {
    response: {
      name: response.name,
      init: (layers, params, _, key) => response.init(layers, params, inputs, key),
      layers(params, theta, h) {
        const parts = blocks.map(({ at, width }) => {
          const part = h.ref.slice([], [at, at + width]);
          return isGroup(width) ? part.mean(1, { keepdims: true }) : part;
        });
        return response.layers(params, theta, np.concatenate(parts, 1));
      },
    },
    perturbation({ data, shape }) {
      const same = data.slice();
      for (let row = 0; row < same.length; row += space.size) {
        for (const { at, width } of groups) same.fill(same[row + at] as number, row + at, row + at + width);
      }
      return new HostArray(same, shape);
    },
    ...{ counts, groups },
  };
}
