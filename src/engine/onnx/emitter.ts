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
  const pool = nodePool(prefix);
  const { node, cast, constant, scalar, ints, fresh } = pool;
  const names = new Map(named);
  const defined = new Set<Value>();
  const shapes = new Map<Value, readonly number[]>();

  const nameOfResult = (value: Value): string => {
    if (defined.has(value)) throw new Error("internal: a value is defined twice");
    defined.add(value);
    const name = names.get(value) ?? fresh();
    names.set(value, name);
    return name;
  };
  const materialized = ({ constant: known, shape, dtype }: Value): string => {
    if (!known) throw new Error(`internal: a value ${dtype}[${shape.join()}] is used before it is defined`);
    if (known.kind === "data") return constant(known.data, shape, dtype);
    const number = scalar(known.value, dtype);
    return shape.length === 0 ? number : node("Expand", [number, ints(...shape)]);
  };
  const nameOf = (value: Value): string => {
    const name = names.get(value) ?? order.outOfBlocks(value) ?? materialized(value);
    names.set(value, name);
    return name;
  };
  const order = blockOrder(pool, target, nameOf);

  const emitter: Emitter = {
    target,
    ...{ node, nodes: pool.nodes, cast, constant, scalar, ints },
    ...{ blocked: order.blocked, inBlocks: order.inBlocks, name: nameOf },
    transposed: (name) => node("Transpose", [name], { perm: [1, 0] }),
    typed: (value, dtype) => (value.dtype === dtype ? nameOf(value) : cast(nameOf(value), dtype)),
    operand(value, dtype) {
      const number = fillOf(value);
      if (number === undefined) return emitter.typed(value, dtype);
      return scalar(dtype === "int64" ? Math.trunc(number) : converted(number, value.dtype, dtype), dtype);
    },
    define: (value, ...made) => emitter.defineAll([value], ...made),
    defineIn(shape, value, ...made) {
      shapes.set(value, shape);
      emitter.define(value, ...made);
    },
    defineAll(values, operator, inputs, attributes = {}) {
      pool.made.push({ operator, inputs, outputs: values.map(nameOfResult), attributes });
    },
    alias(value, name) {
      if (names.has(value)) emitter.define(value, "Identity", [name]);
      else names.set(value, name);
    },
    defineBlocked(value, name) {
      order.put(value, name);
      if (names.has(value)) emitter.define(value, "Identity", [order.outOfBlocks(value) as string]);
    },
    lateInts(...numbers) {
      if (!number) return undefined;
      const name = nameOf(number);
      const zero = cast(node("Less", [name, name]), "int64");
      return node("Add", [ints(...numbers), zero]);
    },
  };
  return [emitter, { nodes: pool.made, constants: pool.constants, shapes }];
}

/** Nodes and constants whose names are made up, and where they are collected; nothing in it knows of values. */
function nodePool(prefix: string) {
  const shared = new Map<string, string>(); // nodes and small constants by what they hold
  const made: OnnxNode[] = [];
  const constants: OnnxConstant[] = [];
  let count = 0;
  const fresh = () => `${prefix}v${count++}`;
  const once = (key: string, make: () => string): string => {
    const name = shared.get(key) ?? make();
    shared.set(key, name);
    return name;
  };
  const nodes: Emitter["nodes"] = (operator, inputs, results, attributes = {}) => {
    const outputs = Array.from({ length: results }, fresh);
    made.push({ operator, inputs, outputs, attributes });
    return outputs;
  };
  const node: Emitter["node"] = (operator, inputs, attributes = {}) =>
    once(
      JSON.stringify([operator, inputs, attributes]),
      () => nodes(operator, inputs, 1, attributes)[0] as string,
    );
  const cast: Emitter["cast"] = (name, dtype) => node("Cast", [name], { to: typeCode(dtype) });
  const constant: Emitter["constant"] = (data, shape, dtype) => {
    const name = `${prefix}c${constants.length}`;
    constants.push({ name, dtype, shape, data });
    return name;
  };
  const scalar: Emitter["scalar"] = (number, dtype) =>
    once(`${dtype} ${Object.is(number, -0) ? "-0" : number}`, () => constant([number], [], dtype));
  const ints: Emitter["ints"] = (...numbers) =>
    once(`ints ${numbers.join()}`, () => constant(numbers, [numbers.length], "int64"));
  return { made, constants, fresh, nodes, node, cast, constant, scalar, ints };
}

/** The two ways between images and their order in blocks, and which images stand in that order. */
function blockOrder(
  { node, cast, ints }: ReturnType<typeof nodePool>,
  { channelBlock }: Target,
  nameOf: (value: Value) => string,
) {
  const blocks = new Map<Value, string>();
  /** One of both ways, which exist for float32 only. */
  const reordered = (name: string, { dtype }: Value, way: (name: string) => string): string =>
    dtype === "float32" ? way(name) : cast(way(cast(name, "float32")), dtype);
  return {
    put: (value: Value, name: string): void => void blocks.set(value, name),
    inBlocks: (value: Value): boolean => blocks.has(value),
    /** Images in order; nothing of those that stand in the model otherwise. */
    outOfBlocks(value: Value): string | undefined {
      const name = blocks.get(value);
      const channels = value.shape[1] as number;
      const way = (from: string) =>
        node(`${blockDomain}.ReorderOutput`, [node("Reshape", [from, ints(...value.shape)])], { channels });
      return name && reordered(name, value, way);
    },
    blocked(value: Value): string {
      const name = blocks.get(value);
      if (name !== undefined) return name;
      const shape = ints(...blockShape(value.shape, channelBlock as number));
      const made = reordered(nameOf(value), value, (from) =>
        node("Reshape", [node(`${blockDomain}.ReorderInput`, [from]), shape]),
      );
      blocks.set(value, made);
      return made;
    },
  };
}
