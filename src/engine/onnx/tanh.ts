import { makeJaxpr, numpy as np, type ClosedJaxpr } from "@jax-js/jax";

import { forwardTrace, type ForwardTrace, type ForwardTracer } from "./forward-trace.ts";

/**
 * Keeps jax-js's tanh one operation while something is traced, y = tanh(x) with the derivative dy = (1 - y²) dx.
 *
 * jax-js (0.1.25) writes it as ten operations around an exponential, and its derivative as that of each of them; of an LSTM's
 * Delta-STN step, with two tanh a step and derivatives of derivatives, that was more than half of all operations. There is no public way to give a function a
 * derivative of its own, so that the rule stands in the class of jax-js's forward-mode traces; where that is not found, the derivative is the longer one.
 * A tanh of `vmap` is not found either.
 */
export function tracingTanh<T>(trace: () => T): T {
  prototype ??= forwardTrace();
  if (!prototype) return trace();
  const { processPrimitive } = prototype;
  prototype.processPrimitive = function (primitive, tracers, params) {
    const [x] = tracers;
    if (!x || primitive !== "jit" || !isTanh(params))
      return processPrimitive.call(this, primitive, tracers, params);
    return [tanhOf(this, x)];
  };
  try {
    return trace();
  } finally {
    prototype.processPrimitive = processPrimitive;
  }
}

let prototype: ForwardTrace | undefined;

function tanhOf(trace: ForwardTrace, { primal, tangent, constructor }: ForwardTracer): ForwardTracer {
  const y = np.tanh(primal as np.Array);
  const slope = np.subtract(1, np.square(y.ref));
  const Tracer = constructor as new (
    trace: ForwardTrace,
    primal: np.Array,
    tangent: np.Array,
  ) => ForwardTracer;
  return new Tracer(trace, y, (tangent as np.Array).mul(slope));
}

/** Whether what a `jit` runs, by its parameters, is the very program that `np.tanh` has for an array of its shape and type. */
export function isTanh(params: unknown): boolean {
  const { name, jaxpr } = params as { readonly name: string; readonly jaxpr: Jaxpr };
  if (name !== "tanh") return false;
  const found = known.get(jaxpr) ?? jaxpr === programFor(jaxpr.inBinders[0]?.aval);
  known.set(jaxpr, found);
  return found;
}

type Jaxpr = ClosedJaxpr["jaxpr"];

const known = new WeakMap<Jaxpr, boolean>();

/** The program of `np.tanh` for an argument, of which it keeps one. */
function programFor(argument: unknown): Jaxpr | undefined {
  if (argument === undefined) return undefined;
  const { jaxpr: closed } = makeJaxpr(np.tanh)(argument as np.Array); // shape and type alone are read
  return closed.jaxpr.eqns[0]?.params.jaxpr as Jaxpr | undefined;
}
