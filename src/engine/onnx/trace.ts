import { makeJaxpr, numpy as np, type ClosedJaxpr } from "@jax-js/jax";

import { leavingNoTrace } from "../trace-stack.ts";

import {
  fill,
  known,
  promoted,
  value,
  type DType,
  type Graph,
  type Operation,
  type Primitive,
  type Value,
} from "./graph.ts";
import { isZeroTangent, noteZeroTangents } from "./zero-tangents.ts";

/** The shape and type of a program's argument. */
export interface Argument {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** A function of jax-js arrays, as jax-js's own transformations take it. It consumes its arguments. */
export type Traceable = (...args: np.Array[]) => np.Array[];

/**
 * Records what a function computes for arguments of these shapes.
 *
 * Nested `jit` is inlined; literals and captured arrays become constants of the graph.
 */
export function trace(f: Traceable, args: readonly Argument[]): Graph {
  noteZeroTangents();
  const placeholders = args.map(({ shape, dtype }) => np.zeros([...shape], { dtype: dtype as np.DType }));
  const { jaxpr: closed } = makeJaxpr(leavingNoTrace(f))(...placeholders);
  for (const placeholder of placeholders) placeholder.dispose();
  const graph = convert(closed);
  closed.dispose();
  return graph;
}

type Jaxpr = ClosedJaxpr["jaxpr"];
type Variable = Jaxpr["inBinders"][number];
type Atom = Jaxpr["outs"][number];

function convert(closed: ClosedJaxpr): Graph {
  const jaxpr = closed.jaxpr.flatten();
  const values = new Map<Variable, Value>();
  const define = (variable: Variable, as: Value): Value => {
    values.set(variable, as);
    return as;
  };
  const read = (atom: Atom): Value => {
    if ("value" in atom) return fill(Number(atom.value), [], atom.dtype);
    const found = values.get(atom);
    if (!found) throw new Error(`internal: ${atom} is used before it is defined`);
    return found;
  };

  const captured = closed.consts as np.Array[]; // first among the jaxpr's inputs
  captured.forEach((array, i) => define(jaxpr.inBinders[i] as Variable, constantOf(array)));
  const inputs = jaxpr.inBinders.slice(captured.length).map((v) => define(v, blank(v)));
  const operations = jaxpr.eqns.map(({ primitive, inputs: atoms, params, outBinders }): Operation => ({
    primitive: primitive as string as Primitive,
    inputs: atoms.map(read),
    params: primitive === ("compare" as string) ? { ...params, dtype: comparedAs(atoms) } : params,
    outputs: outBinders.map((v) => define(v, blank(v))),
  }));
  return { inputs, operations, outputs: jaxpr.outs.map(read) };
}

/** The type in which two arrays are compared. A weakly typed one, such as a number of the program text, takes the other's. */
function comparedAs(atoms: readonly Atom[]): DType {
  const [a, b] = atoms.map(({ aval }) => aval) as [Atom["aval"], Atom["aval"]];
  if (a.weakType === b.weakType) return promoted(a.dtype, b.dtype);
  return promoted(a.weakType ? b.dtype : a.dtype, "uint32");
}

const blank = ({ aval }: Variable): Value => value([...aval.shape], aval.dtype);

const constantOf = (array: np.Array): Value =>
  isZeroTangent(array)
    ? fill(0, [...array.shape], array.dtype)
    : known(array.ref.dataSync() as ArrayLike<number>, [...array.shape], array.dtype);
