import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "onnx-buf";

import type { DType } from "./value.ts";
import { demandGiven, ownOptions } from "../../util/given.ts";
import { objectWith, text } from "../../util/rule.ts";

/** An ONNX model as plain data, before it becomes bytes. */
export interface OnnxModel {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly constants: readonly OnnxConstant[];
  readonly nodes: readonly OnnxNode[];
  /** Constants that are text. */
  readonly texts?: readonly OnnxText[];
  /** What the file says of itself, by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The element types of numbers that models use: those of jax-js, and int64, in which ONNX wants shapes and axes. */
export type OnnxType = DType | "int64";

/** A named array; a size may be named too, where it is open. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: OnnxType | "string";
  readonly shape: readonly (number | string)[];
}

/** A named array with its numbers. */
export interface OnnxConstant extends TensorInfo {
  readonly dtype: OnnxType;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** A named array of text. */
export interface OnnxText {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly string[];
}

/** One operator. */
export interface OnnxNode {
  /** Its name, and before a dot the domain that it is from, where that is not ONNX's own. */
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** Whole numbers become `int` or `ints`, others say `{ float }`. An absent input is named `""`. */
export type Attributes = Readonly<
  Record<string, number | readonly number[] | string | { readonly float: number }>
>;

/** The version of ONNX's operators that the lowerings are written for, and the file format that goes with it. */
const opset = { version: 21n, irVersion: 10n };

/** The version that has `BitCast`; only models with it ask for it, since runtimes optimise older operators better. */
const bitCastOpset = { version: 26n, irVersion: 13n };

/** How a model is written. */
export interface SerializeOptions {
  readonly producer?: string;
  /** The name of an output before all others: an empty sequence. The engine has its models written so; `worker.ts` says why. */
  readonly sentinel?: string;
}

const aModel = objectWith<OnnxModel>("a model, such as exportModel(…).model", {
  inputs: "object",
  outputs: "object",
  nodes: "object",
});

/** The bytes of an `.onnx` file. @throws {HypertrainError} for what is no model, or another option. */
export function serialize(model: OnnxModel, options: SerializeOptions = {}): Uint8Array {
  demandGiven("serialize", { model }, { model: aModel });
  const { inputs, outputs, constants, nodes, texts = [], metadata = {} } = model;
  const { producer = "hypertrain", sentinel } = ownOptions("serialize", options, {
    ...{ producer: text, sentinel: text },
  });
  const sequences = sentinel === undefined ? [] : [sentinel];
  const { version, irVersion } = nodes.some(({ operator }) => operator === "BitCast") ? bitCastOpset : opset;
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion,
      producerName: producer,
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      opsetImport: [{ domain: "", version }, ...domainsOf(nodes).map((domain) => ({ domain, version: 1n }))],
      graph: {
        name: "program",
        input: inputs.map(valueInfo),
        output: [
          ...sequences.map((name) => create(ValueInfoProtoSchema, { name })),
          ...outputs.map(valueInfo),
        ],
        initializer: [...constants.map(tensor), ...texts.map(textTensor)],
        node: [...sequences.map(emptySequence), ...nodes].map(nodeProto),
      },
    }),
  );
}

const emptySequence = (name: string): OnnxNode => ({
  operator: "SequenceEmpty",
  inputs: [],
  outputs: [name],
  attributes: {},
});

/** The domains besides ONNX's own. */
const domainsOf = (nodes: readonly OnnxNode[]): string[] =>
  [...new Set(nodes.map(({ operator }) => operator.slice(0, Math.max(0, operator.lastIndexOf(".")))))].filter(
    (domain) => domain !== "",
  );

const nodeProto = ({ operator, inputs, outputs, attributes }: OnnxNode): NodeProto =>
  create(NodeProtoSchema, {
    domain: operator.slice(0, Math.max(0, operator.lastIndexOf("."))),
    opType: operator.slice(operator.lastIndexOf(".") + 1),
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(attribute),
  });

/** A model as text, one node a line, for people and for snapshots. @throws {HypertrainError} for what is no model. */
export function describe(model: OnnxModel): string {
  demandGiven("describe", { model }, { model: aModel });
  const { inputs, outputs, constants, nodes } = model;
  const type = ({ dtype, shape }: TensorInfo) => `${dtype}[${shape.join(",")}]`;
  const small = constants.filter(({ data }) => data.length <= 8);
  const literals = new Map(
    small.map(({ name, data, shape }) => [
      name,
      shape.length === 0 ? `${data[0]}` : `[${[...toNumbers(data)].join(",")}]`,
    ]),
  );
  const shown = (name: string) => literals.get(name) ?? (name === "" ? "_" : name);
  return [
    ...inputs.map((info) => `in  ${info.name}: ${type(info)}`),
    ...constants.filter(({ data }) => data.length > 8).map((info) => `const ${info.name}: ${type(info)}`),
    ...nodes.map(({ operator, inputs: from, outputs: to, attributes }) => {
      const settings = Object.entries(attributes).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      return `${to.join(", ")} = ${operator}(${[...from.map(shown), ...settings].join(", ")})`;
    }),
    ...outputs.map((info) => `out ${info.name}: ${type(info)}`),
  ].join("\n");
}

const toNumbers = (data: ArrayLike<number>): number[] => Array.from(data);

const dataTypes = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  float16: TensorProto_DataType.FLOAT16,
  int32: TensorProto_DataType.INT32,
  uint32: TensorProto_DataType.UINT32,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
  string: TensorProto_DataType.STRING,
} satisfies Record<OnnxType | "string", TensorProto_DataType>;

/** ONNX's number for a type, as its operator Cast wants it. */
export const typeCode = (dtype: OnnxType): number => dataTypes[dtype];

const rawBytes = {
  float32: (data) => Float32Array.from(data),
  float64: (data) => Float64Array.from(data),
  float16: (data) => Float16Array.from(data),
  int32: (data) => Int32Array.from(data),
  uint32: (data) => Uint32Array.from(data),
  int64: (data) => BigInt64Array.from(toNumbers(data), BigInt),
  bool: (data) => Uint8Array.from(data),
} satisfies Record<OnnxType, (data: ArrayLike<number>) => ArrayBufferView>;

function tensor({ name, dtype, shape, data }: OnnxConstant): TensorProto {
  const { buffer, byteOffset, byteLength } = rawBytes[dtype](data);
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypes[dtype],
    dims: shape.map(BigInt),
    rawData: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  });
}

const textTensor = ({ name, shape, data }: OnnxText): TensorProto =>
  create(TensorProtoSchema, {
    name,
    dataType: dataTypes.string,
    dims: shape.map(BigInt),
    stringData: data.map((text) => new TextEncoder().encode(text)),
  });

function valueInfo({ name, dtype, shape }: TensorInfo): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === "number"
        ? { case: "dimValue" as const, value: BigInt(size) }
        : { case: "dimParam" as const, value: size },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType: dataTypes[dtype], shape: { dim } } } },
  });
}

function attribute([name, setting]: [string, Attributes[string]]): AttributeProto {
  const type = AttributeProto_AttributeType;
  if (typeof setting === "number")
    return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(setting) });
  if (typeof setting === "string")
    return create(AttributeProtoSchema, { name, type: type.STRING, s: new TextEncoder().encode(setting) });
  if ("float" in setting) return create(AttributeProtoSchema, { name, type: type.FLOAT, f: setting.float });
  return create(AttributeProtoSchema, { name, type: type.INTS, ints: setting.map(BigInt) });
}
