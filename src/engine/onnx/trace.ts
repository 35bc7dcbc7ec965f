import { makeJaxpr, numpy as np, type ClosedJaxpr } from "@jax-js/jax";

import { leavingNoTrace } from "../trace-stack.ts";

import type { Graph, Operation } from "./graph.ts";
import { type DType, fill, known, promoted, value, type Value } from "./value.ts";
import { isTanh, tracingTanh } from "./tanh.ts";
import { isZeroTangent, noteZeroTangents } from "./zero-tangents.ts";
import { demandGiven } from "../../util/given.ts";
import { functionOf, listOf, objectWith } from "../../util/rule.ts";

/** The shape and type of a program's argument. */
export interface Argument {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** A function of jax-js arrays, as jax-js's own transformations take it. It consumes its arguments. */
export type Traceable = (...args: np.Array[]) => np.Array[];

const anArgument = objectWith<Argument>("an argument, { shape, dtype }", {
  shape: "object",
  dtype: "string",
});

/**
 * Records what a function computes for arguments of these shapes.
 *
 * Nested `jit` is inlined, but for tanh, which is one operation; literals and captured arrays become constants of the graph.
 *
 * @throws {HypertrainError} for what is no function, or no argument.
 */
export function trace(f: Traceable, args: readonly Argument[]): Graph {
  demandGiven("trace", { f, args }, { f: functionOf("of arrays"), args: listOf(anArgument) });
  noteZeroTangents();
  const placeholders = args.map(({ shape, dtype }) => np.zeros([...shape], { dtype: dtype as np.DType }));
  const { jaxpr: closed } = tracingTanh(() => makeJaxpr(leavingNoTrace(f))(...placeholders));
  for (const placeholder of placeholders) placeholder.dispose();
  const graph = convert(closed);
  closed.dispose();
  return graph;
}

type Jaxpr = ClosedJaxpr["jaxpr"];
type Variable = Jaxpr["inBinders"][number];
type Atom = Jaxpr["outs"][number];

function convert(closed: ClosedJaxpr): Graph {
  const { jaxpr } = closed;
  const captured = (closed.consts as np.Array[]).map(constantOf); // first among the jaxpr's inputs
  const inputs = jaxpr.inBinders.slice(captured.length).map(blank);
  const operations: Operation[] = [];
  const given = [...captured, ...inputs].map((value, i) => ({
    value,
    aval: (jaxpr.inBinders[i] as Variable).aval,
  }));
  const outputs = recorded(jaxpr, given, operations);
  return { inputs, operations, outputs: outputs.map(({ value }) => value) };
}

/** A value, with what jax-js knows of its type: whether it is weak, too. */
interface Typed {
  readonly value: Value;
  readonly aval: Variable["aval"];
}

/** The results of a jaxpr for its inputs. Appends what it does to the operations. */
function recorded(jaxpr: Jaxpr, given: readonly Typed[], operations: Operation[]): Typed[] {
  const values = new Map<Variable, Typed>(
    jaxpr.inBinders.map((variable, i) => [variable, given[i] as Typed]),
  );
  const read = (atom: Atom): Typed => {
    if ("value" in atom) return { value: fill(Number(atom.value), [], atom.dtype), aval: atom.aval };
    const found = values.get(atom);
    if (!found) throw new Error(`internal: ${atom} is used before it is defined`);
    return found;
  };
  for (const { primitive, inputs: atoms, params, outBinders } of jaxpr.eqns) {
    const inputs = atoms.map(read);
    const outputs =
      primitive === ("jit" as string) && !isTanh(params)
        ? recorded(params.jaxpr as Jaxpr, inputs, operations)
        : outBinders.map((variable) => ({ value: blank(variable), aval: variable.aval }));
    outBinders.forEach((variable, i) => values.set(variable, outputs[i] as Typed));
    if (primitive !== ("jit" as string) || isTanh(params))
      operations.push(operationOf(primitive, params, inputs, outputs));
  }
  return jaxpr.outs.map(read);
}

function operationOf(
  primitive: string,
  params: Jaxpr["eqns"][number]["params"],
  inputs: readonly Typed[],
  outputs: readonly Typed[],
): Operation {
  const values = { inputs: inputs.map(({ value }) => value), outputs: outputs.map(({ value }) => value) };
  const compared = primitive === "compare" && { dtype: comparedAs(inputs) };
  const operation =
    primitive === "jit"
      ? { primitive: "tanh", params: {} }
      : { primitive, params: { ...params, ...compared } };
  return { ...operation, ...values } as unknown as Operation; // jax-js has checked what it takes
}

/** The type in which two arrays are compared. A weakly typed one, such as a number of the program text, takes the other's. */
function comparedAs(compared: readonly Typed[]): DType {
  const [a, b] = compared.map(({ aval }) => aval) as [Typed["aval"], Typed["aval"]];
  if (a.weakType === b.weakType) return promoted(a.dtype, b.dtype);
  return promoted(a.weakType ? b.dtype : a.dtype, "uint32");
}

const blank = ({ aval }: Variable): Value => value([...aval.shape], aval.dtype);

const constantOf = (array: np.Array): Value =>
  isZeroTangent(array)
    ? fill(0, [...array.shape], array.dtype)
    : known(array.ref.dataSync() as ArrayLike<number>, [...array.shape], array.dtype);
