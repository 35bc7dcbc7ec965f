import { grad, jvp, lax, makeJaxpr, tree, valueAndGrad, vmap, type numpy as np } from "@jax-js/jax";

import { inputError } from "../util/error.ts";
import type { ArrayTree } from "./engine.ts";

/*
 * jax-js's transformations with the types of array trees. Its own signatures infer trees from function types, which a tree
 * whose structure is only known at run time does not satisfy; outside of engine/ the casts that this takes live here and nowhere else.
 */

/**
 * The gradients of a scalar loss by each of the trees, and what the loss reports beside its value. Consumes the trees.
 *
 * @param loss returns the scalar to differentiate and auxiliary arrays
 */
export function gradients<const Trees extends readonly ArrayTree[], Reported extends ArrayTree>(
  loss: (...trees: Trees) => [total: np.Array, reported: Reported],
  ...trees: Trees
): { grads: Trees; reported: Reported } {
  const differentiate = valueAndGrad(loss as never, {
    argnums: trees.map((_, i) => i),
    hasAux: true,
  }) as unknown as (...at: Trees) => [[np.Array, Reported], Trees];
  const [[total, reported], grads] = differentiate(...trees);
  total.dispose();
  return { grads, reported };
}

/** The gradient of a scalar loss by a tree, for use inside another derivative. Consumes the tree. */
export const gradient = <Tree extends ArrayTree>(loss: (at: Tree) => np.Array, at: Tree): Tree =>
  (grad(loss as never) as unknown as (at: Tree) => Tree)(at);

/** The value of `f` at trees and its derivative in a direction, f'(at) direction, by one forward-mode product. Consumes the trees. */
export const valueAndPushForward = <const At extends readonly ArrayTree[], Value extends ArrayTree>(
  f: (...at: At) => Value,
  at: At,
  direction: At,
): [value: Value, derivative: Value] =>
  (jvp as unknown as (f: (...at: At) => Value, at: At, direction: At) => [Value, Value])(f, at, direction);

/** The derivative alone. */
export function pushForward<const At extends readonly ArrayTree[], Value extends ArrayTree>(
  f: (...at: At) => Value,
  at: At,
  direction: At,
): Value {
  const [value, derivative] = valueAndPushForward(f, at, direction);
  tree.dispose(value);
  return derivative;
}

/** `f(at) + f'(at) direction`. Consumes `at` and `direction`. */
export const linearization = (f: (at: np.Array) => ArrayTree, at: np.Array, direction: np.Array): ArrayTree =>
  mapArrays((a, b) => a.add(b), ...valueAndPushForward(f, [at], [direction]));

/** Applies `leaf` to the arrays of trees of one structure. */
export const mapArrays = <Tree extends ArrayTree>(
  leaf: (array: np.Array, ...others: np.Array[]) => np.Array,
  first: Tree,
  ...rest: ArrayTree[]
): Tree => tree.map(leaf as never, first as never, ...(rest as never[])) as Tree;

/** The same values with no derivative. Borrows. */
export const stopped = (arrays: ArrayTree): ArrayTree =>
  mapArrays((leaf) => lax.stopGradient(leaf.ref), arrays);

/**
 * Applies `f` to every row of its arrays at once: each argument [rows, ...] is seen as [...], each result comes back as
 * [rows, ...]. What `f` closes over is shared by all rows. Consumes the arguments.
 *
 * @throws {HypertrainError} naming an operation of `f` that jax-js cannot do for many rows.
 */
export const overRows = <Args extends readonly ArrayTree[], Result extends ArrayTree>(
  f: (...row: Args) => Result,
  ...args: Args
): Result => {
  try {
    return (vmap(f as never) as unknown as (...args: Args) => Result)(...args);
  } catch (cause) {
    const [, operation] = /^No vmap rule for: (\w+)/.exec((cause as Error).message) ?? [];
    if (operation === undefined) throw cause;
    throw inputError(
      `a method that works with many weights or directions at once must find operations for that, but jax-js has none for "${operation}"; take a method that does not, or leave that operation out`,
      { cause },
    );
  }
};

/** Runs `f` on the shapes and kinds of its arguments alone, without computing anything. Borrows the arguments. */
export function trace<Args extends readonly ArrayTree[]>(f: (...args: Args) => np.Array, args: Args): void {
  const shapesOf = makeJaxpr as unknown as (
    f: (...args: Args) => np.Array,
  ) => (...args: Args) => Pick<ReturnType<ReturnType<typeof makeJaxpr>>, "jaxpr">;
  shapesOf(f)(...args).jaxpr.dispose();
}

/**
 * The shape of an array from outside of a trace of which the trace has used up every reference; nothing where there is none. jax-js misses it at the next use alone: the first one leaves the array to the
 * trace, the second gives up its own reference. Borrows.
 *
 * @param traced any array of the trace
 */
export function spentConstant(traced: np.Array): readonly number[] | undefined {
  const { constTracers } = (traced as unknown as Traced)._trace.main.globalData;
  return [...constTracers.keys()].find(({ refCount }) => refCount <= 0)?.shape;
}

/** What jax-js keeps of a trace that is made, with the arrays from outside of it; not in its declarations. */
interface Traced {
  readonly _trace: {
    readonly main: { readonly globalData: { readonly constTracers: ReadonlyMap<np.Array, unknown> } };
  };
}

/**
 * Whether the value of `f` depends differentiably on each of its arguments, as far as its trace shows. Borrows the arguments.
 */
export function dependsOn(f: (...args: np.Array[]) => np.Array, args: readonly np.Array[]): boolean[] {
  const { jaxpr: closed } = makeJaxpr(f)(...args);
  const { eqns, inBinders, outs } = closed.jaxpr.flatten();
  const needed = new Set<unknown>(outs);
  for (const { primitive, inputs, outBinders } of [...eqns].reverse()) {
    const cut = primitive === ("stop_gradient" as string);
    if (!cut && outBinders.some((variable) => needed.has(variable)))
      inputs.forEach((atom) => needed.add(atom));
  }
  const captured = closed.consts.length; // first among the inputs
  closed.dispose();
  return inBinders.slice(captured).map((variable) => needed.has(variable));
}
