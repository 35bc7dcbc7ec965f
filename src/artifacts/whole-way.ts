import { createEmitter } from "../engine/onnx/emitter.ts";
import { type OnnxModel, type OnnxText, type TensorInfo } from "../engine/onnx/model.ts";
import { relabel } from "../engine/onnx/relabel.ts";
import { classOutputs, quantity } from "./whole-way/outputs.ts";
import {
  infoOf,
  type Inputs,
  type ModelPort,
  type Port,
  type Tools,
  type WayFacts,
} from "./whole-way/ports.ts";
import { tableInputs } from "./whole-way/table-inputs.ts";

/** A model that takes rows as they stand in a file. */
export interface WholeWay {
  readonly model: OnnxModel;
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
}

/**
 * The whole way from the columns of a table, or from the pixels of images, to answers in the target's own terms, around a network
 * from `x` to `y`.
 *
 * Only ONNX's own operators are used. What float32 would round is computed in float64, as it was for training: standardisation, and
 * everything behind the network.
 */
export function wholeWay(network: OnnxModel, facts: WayFacts): WholeWay {
  const x = network.inputs.find(({ name }) => name === "x"); // none where the network's answer is the same for all
  const y = network.outputs.find(({ name }) => name === "y");
  if (!y) throw new Error("internal: the answer of a network must be called y");
  const [emitter, { nodes, constants }] = createEmitter(new Map(), {}, "way.");
  const texts: OnnxText[] = [];
  const text = (data: readonly string[], shape: readonly number[]) => {
    const name = `way.t${texts.length}`;
    texts.push({ name, shape, data });
    return name;
  };
  const tools: Tools = { emitter, text, rows: y.shape[0] as number | string };
  const before = facts.encoding && !facts.images ? tableInputs(tools, facts.encoding) : pixels(tools, facts);
  const rounded = emitter.cast(before.x, "float32"); // as the network was trained
  const fed = x?.dtype === "float64" ? emitter.cast(rounded, "float64") : rounded;
  const first = nodes.length;
  const outputs = facts.classes ? classOutputs(tools, y.name, facts) : quantity(tools, y.name, facts);
  const inputs = before.ports;
  const model = relabel(
    {
      inputs: inputs.map(infoOf),
      outputs: outputs.map(infoOf),
      constants: [...network.constants, ...constants],
      texts,
      nodes: [
        ...nodes.slice(0, first),
        ...network.nodes.map((node) => ({
          ...node,
          inputs: node.inputs.map((name) => (name === x?.name ? fed : name)),
        })),
        ...nodes.slice(first),
      ],
    },
    new Map([...inputs, ...outputs].map(({ own, name }) => [own, name])),
  );
  const named = (ports: readonly Port[], infos: readonly TensorInfo[]) =>
    ports.map(({ own: _own, ...port }, i): ModelPort => ({ ...port, name: (infos[i] as TensorInfo).name }));
  return { model, inputs: named(inputs, model.inputs), outputs: named(outputs, model.outputs) };
}

/** All elements of images by one scale. */
function pixels({ emitter, rows }: Tools, { inputShape, images }: WayFacts): Inputs {
  const { mean, sd } = images?.scale ?? { mean: 0, sd: 1 };
  const own = "way.x";
  const holds = images ? "pixels as they are in the file" : "the network's own inputs";
  const centred = emitter.node("Sub", [emitter.cast(own, "float64"), emitter.scalar(mean, "float64")]);
  return {
    ports: [{ own, name: "x", type: "float32", shape: [rows, ...inputShape], holds }],
    x: emitter.node("Div", [centred, emitter.scalar(sd, "float64")]),
  };
}
