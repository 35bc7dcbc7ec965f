import type { numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { stopped } from "../engine/transform.ts";
import { jaxArrays, pathTo } from "./returned.ts";

/*
 * Whether functions keep to the rule of jax-js that each use of an array takes one of its references, `.ref` makes one more, and none is used when none is left.
 */

/** Gives a function arrays of its own, by names, to consume; those that it is given of stay. */
export type Give = <Tree extends ArrayTree>(arrays: Tree) => Tree;

/** Gives copies. */
export const copied: Give = (arrays) => stopped(arrays) as typeof arrays; // no derivative is asked for here

/** The paths of the arrays that a function uses when none of their references is left. */
export function overusedBy(f: (give: Give) => unknown): string[] {
  const overused = new Set<string>();
  const lasting: Give = (arrays) => {
    const own = copied(arrays);
    for (const [path, array] of arraysIn(own)) letLast(array, () => overused.add(path));
    return own;
  };
  try {
    f(lasting);
  } catch {
    // whatever else is wrong with it
  }
  return [...overused];
}

/** Lets an array outlive its uses. @param tell is called at each that is one too many */
function letLast(array: np.Array, tell: () => void): void {
  let references = 1;
  const demand = () => {
    if (references < 1) tell();
  };
  Object.defineProperties(array, {
    ref: {
      get: () => {
        demand();
        references++;
        return array;
      },
    },
    dispose: {
      value: () => {
        demand();
        references--;
      },
    },
  });
}

/** Whether a node of a tree is an array. */
export const isArray = (node: ArrayTree): node is np.Array => jaxArrays.is(node);

/** The arrays of a tree, each with its path. */
export function arraysIn(arrays: ArrayTree, path = ""): [path: string, array: np.Array][] {
  if (isArray(arrays)) return [[path, arrays]];
  return Object.entries(arrays).flatMap(([name, child]: [string, ArrayTree]) =>
    arraysIn(child, pathTo(path, name)),
  );
}

/** Whether none of an array's references is left; takes one of others. */
export function isGone(array: np.Array): boolean {
  try {
    array.dispose();
    return false;
  } catch {
    return true; // jax-js does not tell otherwise
  }
}

/** Whether none of an array's references is left; borrows it. */
export function isSpent(array: np.Array): boolean {
  try {
    array.ref.dispose();
    return false;
  } catch {
    return true; // likewise
  }
}
