import { sizeOf } from "../../util/host-array.ts";
import type { Compiled, Source } from "./compile.ts";
import type { OnnxConstant, OnnxModel, OnnxNode, TensorInfo } from "./model.ts";
import type { Argument } from "./trace.ts";

/**
 * A compiled function as a model of which every argument is an input, and every result an output of its own, whether it is
 * computed or not: the engine knows itself what need not be computed, other programs do not.
 */
export function wholeModel({ model, inputs, outputs }: Compiled, args: readonly Argument[]): OnnxModel {
  const given = args.map((arg, i): TensorInfo => ({ ...arg, name: inputs[i] ?? `in${i}` }));
  const results = outputs.map((source, i) =>
    isFirst(source, i, outputs) ? computed(source) : copied(source, i, given),
  );
  return {
    inputs: given,
    outputs: results.map(({ info }) => info),
    constants: [...model.constants, ...results.flatMap(({ constant }) => constant ?? [])],
    nodes: [...model.nodes, ...results.flatMap(({ node }) => node ?? [])],
  };
}

/** An output, and what it adds to a model. */
interface Output {
  readonly info: TensorInfo;
  readonly node?: OnnxNode;
  readonly constant?: OnnxConstant | undefined;
}

/** Whether a result is computed, and no earlier result is the same. */
const isFirst = ({ from }: Source, index: number, all: readonly Source[]): boolean =>
  from.kind === "computed" &&
  all.findIndex((other) => other.from.kind === "computed" && other.from.name === from.name) === index;

const computed = ({ from, dtype, shape }: Source): Output => ({
  info: { name: (from as { readonly name: string }).name, dtype, shape },
});

function copied(source: Source, index: number, given: readonly TensorInfo[]): Output {
  const { dtype, shape } = source;
  const name = `result${index}`;
  const constant = constantOf(source, `value${index}`);
  const inputs = [constant?.name ?? originOf(source, given)];
  return {
    info: { name, dtype, shape },
    node: { operator: "Identity", inputs, outputs: [name], attributes: {} },
    constant,
  };
}

function originOf({ from }: Source, given: readonly TensorInfo[]): string {
  if (from.kind === "computed") return from.name;
  if (from.kind === "argument") return (given[from.index] as TensorInfo).name;
  throw new Error("internal: a constant comes from nowhere else");
}

function constantOf({ from, dtype, shape }: Source, name: string): OnnxConstant | undefined {
  if (from.kind !== "constant") return undefined;
  const { constant } = from;
  const data = constant.kind === "data" ? constant.data : Array<number>(sizeOf(shape)).fill(constant.value);
  return { name, dtype, shape, data };
}
