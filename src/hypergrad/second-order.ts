import { tree, type numpy as np } from "@jax-js/jax";

import type { ArrayTree, ProgramState } from "../engine/engine.ts";
import { gradient } from "../engine/transform.ts";
import type { Problem } from "../problem/problem.ts";
import { pushForward } from "./push-forward.ts";
import { trainLoss } from "./training-step.ts";

/*
 * Products with second derivatives of L_T, as derivatives of its gradients in a direction p of the weights: forward mode
 * over reverse (Pearlmutter 1994). The reverse of a reverse gives the same numbers, and took six times as long on a
 * network of 90,000 weights.
 */

/** H p = L_T,ww p. Consumes the weights, λ [size] and p; borrows the inputs. */
export const hessianProduct = (
  problem: Problem,
  params: ArrayTree,
  hypers: np.Array,
  p: ArrayTree,
  inputs: ProgramState,
): ArrayTree =>
  pushForward(
    (at: ArrayTree) => gradient((w: ArrayTree) => trainLoss(problem, w, hypers.ref, inputs), at),
    [params],
    [p],
  );

/** L_T,λw p: [size]. Consumes the weights, λ [size] and p; borrows the inputs. */
export const mixedProduct = (
  problem: Problem,
  params: ArrayTree,
  hypers: np.Array,
  p: ArrayTree,
  inputs: ProgramState,
): np.Array =>
  pushForward(
    (at: ArrayTree): np.Array =>
      gradient((lambda: np.Array) => trainLoss(problem, tree.ref(at), lambda, inputs), hypers),
    [params],
    [p],
  );
