import { converted, fillOf, type Value } from "./value.ts";
import { typeCode, type Attributes, type OnnxConstant, type OnnxNode, type OnnxType } from "./model.ts";

/** What a model may ask of the runtime beyond ONNX. */
export interface Target {
  /**
   * How many channels lie together in onnxruntime's own convolutions (`com.microsoft.nchwc`); without it only ONNX's operators are
   * used, so that any runtime takes the model.
   */
  readonly channelBlock?: number | undefined;
}

/** Where onnxruntime keeps its own operators on channels in blocks. */
export const blockDomain = "com.microsoft.nchwc";

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
  /** The node that a value is the result of, in another shape of as many elements. Only for a result that nothing else uses: it is no copy. */
  defineIn(
    shape: readonly number[],
    value: Value,
    operator: string,
    inputs: readonly string[],
    attributes?: Attributes,
  ): void;
  /** The node that several values are the results of. */
  defineAll(
    values: readonly Value[],
    operator: string,
    inputs: readonly string[],
    attributes?: Attributes,
  ): void;
  /** A value that stands in the model already; only where its own name is given, it takes a node. */
  alias(value: Value, name: string): void;
  /**
   * Images [N, C, H, W] with B channels of a place together: the name of [N, C/B, H, W, B], in which they stand in the model or into which they
   * are brought.
   */
  blocked(value: Value): string;
  /** Whether images stand in the model with their channels in blocks. */
  inBlocks(value: Value): boolean;
  /** Images that stand in the model as [N, C/B, H, W, B]; whatever asks for their `name` has them put in order. */
  defineBlocked(value: Value, name: string): void;
  constant(data: ArrayLike<number>, shape: readonly number[], dtype: OnnxType): string;
  scalar(number: number, dtype: OnnxType): string;
  /** Whole numbers in the type in which ONNX wants shapes and axes. */
  ints(...numbers: readonly number[]): string;
  /**
   * The same numbers, of which onnxruntime knows nothing before it runs the model: what has been given a shape by them is freed after its last use. A
   * buffer of known shape is kept until the next array of that shape needs it, however much later that is. Nothing where there is no input to make them of.
   */
  lateInts(...numbers: readonly number[]): string | undefined;
}

/** The shape [N, C/B, H, W, B] of images [N, C, H, W] whose channels lie in blocks of B. */
export const blockShape = ([n, c, ...sizes]: readonly number[], block: number): number[] => [
  n as number,
  (c as number) / block,
  ...sizes,
  block,
];

/** What an emitter has collected. */
export interface Emitted {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  /** The shapes in which values stand in the model, where these are not their own. */
  readonly shapes: ReadonlyMap<Value, readonly number[]>;
}

/**
 * Makes an emitter.
 *
 * @param named the values whose names are given: the inputs and outputs of the model
 * @param prefix of all names that are made up
 * @param number a single one among the inputs; without it there are no `lateInts`
 * @returns the emitter, and where it collects
 */
export function createEmitter(
  named: ReadonlyMap<Value, string>,
  target: Target = {},
  prefix = "",
  number?: Value,
): [Emitter, Emitted] {
  const names = new Map(named);
  const defined = new Set<Value>();
  const blocks = new Map<Value, string>();
  const made = new Map<string, string>(); // nodes and small constants by what they hold
  const nodes: OnnxNode[] = [];
  const constants: OnnxConstant[] = [];
  const shapes = new Map<Value, readonly number[]>();
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

  /** One of the two ways between orders, which exist for float32 only. */
  const reordered = (name: string, { dtype }: Value, way: (name: string) => string): string =>
    dtype === "float32" ? way(name) : emitter.cast(way(emitter.cast(name, "float32")), dtype);
  const outOfBlocks = (value: Value): string | undefined => {
    const name = blocks.get(value);
    return (
      name &&
      reordered(name, value, (from) =>
        emitter.node(
          `${blockDomain}.ReorderOutput`,
          [emitter.node("Reshape", [from, emitter.ints(...value.shape)])],
          {
            channels: value.shape[1] as number,
          },
        ),
      )
    );
  };

  const emitter: Emitter = {
    target,
    name(value) {
      const name = names.get(value) ?? outOfBlocks(value) ?? materialized(value);
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
    defineIn(shape, value, ...node) {
      shapes.set(value, shape);
      emitter.define(value, ...node);
    },
    defineAll(values, operator, inputs, attributes = {}) {
      nodes.push({ operator, inputs, outputs: values.map(nameOfResult), attributes });
    },
    alias(value, name) {
      if (names.has(value)) emitter.define(value, "Identity", [name]);
      else names.set(value, name);
    },
    blocked(value) {
      const name = blocks.get(value);
      if (name !== undefined) return name;
      const shape = emitter.ints(...blockShape(value.shape, target.channelBlock as number));
      const made = reordered(emitter.name(value), value, (from) =>
        emitter.node("Reshape", [emitter.node(`${blockDomain}.ReorderInput`, [from]), shape]),
      );
      blocks.set(value, made);
      return made;
    },
    inBlocks: (value) => blocks.has(value),
    defineBlocked(value, name) {
      blocks.set(value, name);
      if (names.has(value)) emitter.define(value, "Identity", [outOfBlocks(value) as string]);
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
    lateInts(...numbers) {
      if (!number) return undefined;
      const name = emitter.name(number);
      const zero = emitter.cast(emitter.node("Less", [name, name]), "int64");
      return emitter.node("Add", [emitter.ints(...numbers), zero]);
    },
  };
  return [emitter, { nodes, constants, shapes }];
}
