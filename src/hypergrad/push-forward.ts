import { jvp, tree } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";

/** The derivative of `f` at trees in a direction, f'(at) direction, by forward mode. Consumes the trees. */
export function pushForward<const At extends readonly ArrayTree[], Value extends ArrayTree>(
  f: (...at: At) => Value,
  at: At,
  direction: At,
): Value {
  const [value, derivative] = valueAndPushForward(f, at, direction);
  tree.dispose(value);
  return derivative;
}

/** The value of `f` as well. */
export function valueAndPushForward<const At extends readonly ArrayTree[], Value extends ArrayTree>(
  f: (...at: At) => Value,
  at: At,
  direction: At,
): [value: Value, derivative: Value] {
  // jax-js infers the trees from the function's type, which one known only at run time does not satisfy
  const product = jvp as unknown as (
    f: (...at: At) => Value,
    at: At,
    direction: At,
  ) => [value: Value, derivative: Value];
  return product(f, at, direction);
}
