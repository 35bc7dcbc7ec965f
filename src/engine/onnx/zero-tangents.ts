import { jvp, numpy as np } from "@jax-js/jax";

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
  if (typeof prototype?.lift !== "function" || typeof prototype.processPrimitive !== "function") return;
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

/** A value with its tangent, in jax-js's own words. */
interface ForwardTracer {
  readonly tangent?: unknown;
}

interface ForwardTrace {
  lift(value: unknown): ForwardTracer;
  processPrimitive(primitive: string, tracers: unknown, params: unknown): ForwardTracer[];
}

/** A tangent that is a concrete array; while a program is traced all that are computed are not. */
function note({ tangent }: ForwardTracer): void {
  if (tangent instanceof np.Array) zeros.add(tangent);
}

/** The prototype of jax-js's forward-mode traces, seen from inside of one. */
function forwardTrace(): ForwardTrace | undefined {
  let found: ForwardTrace | undefined;
  const look = (x: np.Array): np.Array => {
    const { _trace: trace } = x as unknown as { _trace: object };
    found = Object.getPrototypeOf(trace) as ForwardTrace;
    return x;
  };
  for (const array of jvp(look, [np.zeros([])], [np.zeros([])])) array.dispose();
  return found;
}
