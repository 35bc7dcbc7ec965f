import { tree, type numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { gradient, mapArrays, pushForward, valueAndPushForward } from "../engine/transform.ts";
import { plainLayers } from "../nn/layer.ts";
import { mean } from "../nn/mean.ts";
import type { Problem } from "../problem/problem.ts";
import { naturalArrays } from "../space/space.ts";
import { trainLoss, type LossInputs } from "./training-step.ts";
import { treeProduct } from "./tree-product.ts";

/** A product of second derivatives by the weights with a vector p. Consumes weights, λ [size] and p; borrows the inputs. */
type WeightProduct = (
  problem: Problem,
  params: ArrayTree,
  hypers: np.Array,
  p: ArrayTree,
  inputs: LossInputs,
) => ArrayTree;

/*
 * Products with second derivatives of L_T, as derivatives of its gradients in a direction p of the weights: forward mode
 * over reverse (Pearlmutter 1994). The reverse of a reverse gives the same numbers, and took six times as long on a
 * network of 90,000 weights.
 */

/** H p = L_T,ww p. Consumes the weights, λ [size] and p; borrows the inputs. */
export const hessianProduct: WeightProduct = (problem, params, hypers, p, inputs) =>
  pushForward(
    (at: ArrayTree) => gradient((w: ArrayTree) => trainLoss(problem, w, hypers.ref, inputs), at),
    [params],
    [p],
  );

/**
 * G p, with the generalised Gauss-Newton matrix (Schraudolph 2002) in the place of the Hessian:
 *
 *     G = J' L_zz J + P,   z = f(w),   J = dz/dw,
 *
 * L_zz being the Hessian of the mean loss by the outputs z, and P that of the penalty by the weights. What H has beyond it
 * is the curvature of the network itself, weighted with the residuals: G is H where z is linear in w. Where the loss is
 * convex in z, as cross-entropy and squared errors are, and the penalty convex in w, G has no negative curvature.
 * Consumes the weights, λ [size] and p; borrows the inputs.
 *
 * @see Schraudolph, "Fast curvature matrix-vector products for second-order gradient descent", 2002; Martens, "New
 *   insights and perspectives on the natural gradient method", 2014, https://arxiv.org/abs/1412.1193
 */
export const gaussNewtonProduct: WeightProduct = (problem, params, hypers, p, { batch, noise }) => {
  const natural = naturalArrays(problem.space, hypers.reshape([1, -1]));
  const outputsAt = (at: ArrayTree): ArrayTree =>
    problem.predict(plainLayers(at), tree.ref(batch), tree.ref(natural), tree.ref(noise), "train");
  const lossOf = (outputs: ArrayTree): np.Array =>
    mean(problem.loss(outputs, tree.ref(batch), tree.ref(natural)));
  const [outputs, moved] = valueAndPushForward(outputsAt, [tree.ref(params)], [tree.ref(p)]); // z, J p
  const bent = pushForward((z: ArrayTree) => gradient(lossOf, z), [outputs], [moved]); // L_zz J p
  const back = gradient((at: ArrayTree) => treeProduct(outputsAt(at), bent), tree.ref(params));
  const { penalty } = problem;
  if (!penalty) return back;
  const penaltyAt = (at: ArrayTree): np.Array => mean(penalty(plainLayers(at), tree.ref(natural)));
  const stiff = pushForward((at: ArrayTree) => gradient(penaltyAt, at), [params], [p]); // P p
  return mapArrays((a, b) => a.add(b), back, stiff);
};

/** L_T,λw p: [size]. Consumes the weights, λ [size] and p; borrows the inputs. */
export const mixedProduct = (
  problem: Problem,
  params: ArrayTree,
  hypers: np.Array,
  p: ArrayTree,
  inputs: LossInputs,
): np.Array =>
  pushForward(
    (at: ArrayTree): np.Array =>
      gradient((lambda: np.Array) => trainLoss(problem, tree.ref(at), lambda, inputs), hypers),
    [params],
    [p],
  );
