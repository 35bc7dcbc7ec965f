import { converted, fillOf, type Value } from "./graph.ts";
import { typeCode, type Attributes, type OnnxConstant, type OnnxNode, type OnnxType } from "./model.ts";

/** What a model may ask of the runtime beyond ONNX. */
export interface Target {
  /**
   * How many channels lie together in onnxruntime's own convolutions (`com.microsoft.nchwc`); without it only ONNX's operators are
   * used, so that any runtime takes the model.
   */
  readonly channelBlock?: number | undefined;
}

/** Collects the nodes of a model while a graph is lowered: names for values, constants for known numbers. */
export interface Emitter {
  readonly target: Target;
  /** The name under which a value stands in the model; a known array becomes a constant of its full shape. */
  name(value: Value): string;
  /** As `name`, in another type. */
  typed(value: Value, dtype: OnnxType): string;
  /** As `typed`, for an operator that broadcasts: one known number everywhere is a scalar. */
  operand(value: Value, dtype: OnnxType): string;
  /** An array in another type. */
  cast(name: string, dtype: OnnxType): string;
  /** The transpose of a matrix. */
  transposed(name: string): string;
  /** A node with one result, whose name is made up; the same node again is the one that stands there. */
  node(operator: string, inputs: readonly string[], attributes?: Attributes): string;
  /** A node with several results. */
  nodes(operator: string, inputs: readonly string[], count: number, attributes?: Attributes): string[];
  /** The node that a value is the result of. */
  define(value: Value, operator: string, inputs: readonly string[], attributes?: Attributes): void;
  /** The node that several values are the results of. */
  defineAll(
    values: readonly Value[],
    operator: string,
    inputs: readonly string[],
    attributes?: Attributes,
  ): void;
  /** A value that stands in the model already; only where its own name is given, it takes a node. */
  alias(value: Value, name: string): void;
  constant(data: ArrayLike<number>, shape: readonly number[], dtype: OnnxType): string;
  scalar(number: number, dtype: OnnxType): string;
  /** Whole numbers in the type in which ONNX wants shapes and axes. */
  ints(...numbers: readonly number[]): string;
}

/** What an emitter has collected. */
export interface Emitted {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
}

/**
 * Makes an emitter.
 *
 * @param named the values whose names are given: the inputs and outputs of the model
 * @param prefix of all names that are made up
 * @returns the emitter, and where it collects
 */
export function createEmitter(
  named: ReadonlyMap<Value, string>,
  target: Target = {},
  prefix = "",
): [Emitter, Emitted] {
  const names = new Map(named);
  const defined = new Set<Value>();
  const made = new Map<string, string>(); // nodes and small constants by what they hold
  const nodes: OnnxNode[] = [];
  const constants: OnnxConstant[] = [];
  let count = 0;
  const fresh = () => `${prefix}v${count++}`;
  const once = (key: string, make: () => string): string => {
    const name = made.get(key) ?? make();
    made.set(key, name);
    return name;
  };

  const nameOfResult = (value: Value): string => {
    if (defined.has(value)) throw new Error("internal: a value is defined twice");
    defined.add(value);
    const name = names.get(value) ?? fresh();
    names.set(value, name);
    return name;
  };
  const materialized = ({ constant, shape, dtype }: Value): string => {
    if (!constant)
      throw new Error(`internal: a value ${dtype}[${shape.join()}] is used before it is defined`);
    if (constant.kind === "data") return emitter.constant(constant.data, shape, dtype);
    const number = emitter.scalar(constant.value, dtype);
    return shape.length === 0 ? number : emitter.node("Expand", [number, emitter.ints(...shape)]);
  };

  const emitter: Emitter = {
    target,
    name(value) {
      const name = names.get(value) ?? materialized(value);
      names.set(value, name);
      return name;
    },
    typed: (value, dtype) =>
      value.dtype === dtype ? emitter.name(value) : emitter.cast(emitter.name(value), dtype),
    operand(value, dtype) {
      const number = fillOf(value);
      if (number === undefined) return emitter.typed(value, dtype);
      return emitter.scalar(
        dtype === "int64" ? Math.trunc(number) : converted(number, value.dtype, dtype),
        dtype,
      );
    },
    cast: (name, dtype) => emitter.node("Cast", [name], { to: typeCode(dtype) }),
    transposed: (name) => emitter.node("Transpose", [name], { perm: [1, 0] }),
    node: (operator, inputs, attributes = {}) =>
      once(
        JSON.stringify([operator, inputs, attributes]),
        () => emitter.nodes(operator, inputs, 1, attributes)[0] as string,
      ),
    nodes(operator, inputs, count, attributes = {}) {
      const outputs = Array.from({ length: count }, fresh);
      nodes.push({ operator, inputs, outputs, attributes });
      return outputs;
    },
    define: (value, ...node) => emitter.defineAll([value], ...node),
    defineAll(values, operator, inputs, attributes = {}) {
      nodes.push({ operator, inputs, outputs: values.map(nameOfResult), attributes });
    },
    alias(value, name) {
      if (names.has(value)) emitter.define(value, "Identity", [name]);
      else names.set(value, name);
    },
    constant(data, shape, dtype) {
      const name = `${prefix}c${constants.length}`;
      constants.push({ name, dtype, shape, data });
      return name;
    },
    scalar: (number, dtype) =>
      once(`${dtype} ${Object.is(number, -0) ? "-0" : number}`, () => emitter.constant([number], [], dtype)),
    ints: (...numbers) =>
      once(`ints ${numbers.join()}`, () => emitter.constant(numbers, [numbers.length], "int64")),
  };
  return [emitter, { nodes, constants }];
}
