import { numpy as np } from "@jax-js/jax";

import { forwardTrace, type ForwardTracer } from "./forward-trace.ts";

/**
 * Lets the tracer know which constants are zeros without looking.
 *
 * jax-js's forward mode, on which its gradients rest, gives everything that a function closes over a tangent of zeros of its own, and so
 * the results of comparisons and of `stop_gradient`. They become constants of the trace, and to read one makes jax-js compute it, element by
 * element: for a Delta-STN step of a network with 23 million weights that took seconds and a gigabyte. There is no public way to see
 * that an array is zero, so that they are written down where they are made: in `lift` and `processPrimitive` of jax-js's (0.1.25) class of
 * forward-mode traces. Where these are named otherwise nothing is written down, and constants are read as others are.
 */
export function noteZeroTangents(): void {
  if (noted) return;
  noted = true;
  const prototype = forwardTrace();
  if (!prototype) return;
  const { lift, processPrimitive } = prototype;
  prototype.lift = function (value) {
    const lifted = lift.call(this, value);
    note(lifted);
    return lifted;
  };
  prototype.processPrimitive = function (primitive, tracers, params) {
    const results = processPrimitive.call(this, primitive, tracers, params);
    if (constantSteps.includes(primitive)) results.forEach(note);
    return results;
  };
}

let noted = false;

/** Whether an array is known to be the zeros of a tangent. */
export const isZeroTangent = (array: np.Array): boolean => zeros.has(array);

const zeros = new WeakSet<object>();

/** Primitives whose results do not change with their operands. */
const constantSteps: readonly string[] = [
  ...["stop_gradient", "compare", "floor", "ceil", "idiv", "random_bits"],
  ...["bit_combine", "bit_shift", "bit_count"],
];

/** A tangent that is a concrete array; while a program is traced all that are computed are not. */
function note({ tangent }: ForwardTracer): void {
  if (tangent instanceof np.Array) zeros.add(tangent);
}
