import { jvp, numpy as np } from "@jax-js/jax";

/**
 * What jax-js (0.1.25) does in forward mode, on which its gradients rest: the methods of its class of forward-mode traces, which it does not
 * export. Whoever replaces one calls what was there before.
 */
export interface ForwardTrace {
  lift(value: unknown): ForwardTracer;
  processPrimitive(primitive: string, tracers: readonly ForwardTracer[], params: unknown): ForwardTracer[];
}

/** A value with its tangent, in jax-js's own words. */
export interface ForwardTracer {
  readonly primal?: unknown;
  readonly tangent?: unknown;
}

/** The prototype of these traces, seen from inside of one; nothing where its methods are named otherwise. */
export function forwardTrace(): ForwardTrace | undefined {
  let found: Partial<ForwardTrace> | undefined;
  const look = (x: np.Array): np.Array => {
    const { _trace: trace } = x as unknown as { _trace: object }; // not in its declarations
    found = Object.getPrototypeOf(trace) as Partial<ForwardTrace>;
    return x;
  };
  for (const array of jvp(look, [np.zeros([])], [np.zeros([])])) array.dispose();
  const known = typeof found?.lift === "function" && typeof found.processPrimitive === "function";
  return known ? (found as ForwardTrace) : undefined;
}
