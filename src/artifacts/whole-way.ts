import type { SupervisedData } from "../data/supervised-data.ts";
import { missingSpellings } from "../data/missing.ts";
import { spellingsOf } from "../data/spelling.ts";
import {
  featuresOf,
  type CategoryEncoding,
  type ColumnEncoding,
  type DateEncoding,
  type TableEncoding,
} from "../data/table-encoding.ts";
import { createEmitter, type Emitter } from "../engine/onnx/emitter.ts";
import { type OnnxModel, type OnnxText, type TensorInfo } from "../engine/onnx/model.ts";
import { relabel } from "../engine/onnx/relabel.ts";
import type { LossName } from "../problem/supervised.ts";

/** What the model must know of the data that its network was trained on. */
export interface WayFacts extends Pick<
  SupervisedData,
  "inputShape" | "image" | "pixelScale" | "classes" | "targetScale" | "encoding"
> {
  readonly loss: LossName;
}

/** An input or an output of `model.onnx`. */
export interface ModelPort {
  readonly name: string;
  readonly type: "float32" | "float64" | "int64" | "string";
  /** `rows` stands for any number of them. */
  readonly shape: readonly (number | string)[];
  /** What it holds, for people. */
  readonly holds: string;
}

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
  const before = facts.encoding && !facts.image ? tableInputs(tools, facts.encoding) : pixels(tools, facts);
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

/** A port, and what it is called inside. */
interface Port extends ModelPort {
  readonly own: string;
}

interface Tools {
  readonly emitter: Emitter;
  /** A constant of text. */
  text(data: readonly string[], shape: readonly number[]): string;
  /** How many rows the network takes. */
  readonly rows: number | string;
}

interface Inputs {
  readonly ports: readonly Port[];
  /** float64: what the network takes, before it is rounded. */
  readonly x: string;
}

const infoOf = ({ own, type, shape }: Port): TensorInfo => ({ name: own, dtype: type, shape });

/** All elements of images by one scale. */
function pixels({ emitter, rows }: Tools, { inputShape, pixelScale }: WayFacts): Inputs {
  const { mean, sd } = pixelScale ?? { mean: 0, sd: 1 };
  const own = "way.x";
  const holds = pixelScale ? "pixels as they are in the file" : "the network's own inputs";
  const centred = emitter.node("Sub", [emitter.cast(own, "float64"), emitter.scalar(mean, "float64")]);
  return {
    ports: [{ own, name: "x", type: "float32", shape: [rows, ...inputShape], holds }],
    x: emitter.node("Div", [centred, emitter.scalar(sd, "float64")]),
  };
}

/** Where the features of a column lie among all that are computed, and what they are computed from. */
interface Block {
  readonly ports: readonly Port[];
  /** float64 [rows, n] */
  readonly name: string;
  /** The column's features, in their order, among the n. */
  readonly places: readonly number[];
  readonly width: number;
}

function tableInputs(tools: Tools, encoding: TableEncoding): Inputs {
  const { emitter } = tools;
  const features = featuresOf(encoding);
  const blocks = encoding.columns.map((column, j) => blockOf(tools, column, `way.in${j}`));
  let end = 0;
  const order = blocks.flatMap(({ places, width }) => {
    end += width;
    return places.map((place) => end - width + place);
  });
  const row = (numbers: readonly number[]) => emitter.constant(numbers, [1, numbers.length], "float64");
  const all = emitter.node(
    "Concat",
    blocks.map(({ name }) => name),
    { axis: 1 },
  );
  const raw = emitter.node("Gather", [all, emitter.ints(...order)], { axis: 1 });
  const centred = emitter.node("Sub", [raw, row(features.map(({ mean }) => mean))]);
  const deviations = features.map(({ sd }) => (sd === 0 ? Infinity : sd)); // constant features are 0
  return { ports: blocks.flatMap(({ ports }) => ports), x: emitter.node("Div", [centred, row(deviations)]) };
}

function blockOf(tools: Tools, column: ColumnEncoding, own: string): Block {
  const { name } = column;
  if (column.kind === "category") return levels(tools, column, own);
  if (column.kind === "date") return dateParts(tools, column, own);
  const { wide, median, missing, notation } = column;
  const type = wide ? "float64" : "float32";
  const named = notation.unit === undefined ? "" : ` in ${notation.unit}`;
  const unit = notation.clock ? " in hours" : notation.percent ? " as hundredths" : named;
  const holds = `the numbers of column ${JSON.stringify(name)}${unit}; NaN where missing`;
  const port = { own, name, type, shape: [tools.rows, 1], holds } as const;
  return { ...numbers(tools, [{ port, median }]), ...(missing ? { places: [0, 1] } : { places: [0] }) };
}

/** Numbers, then 1 for each that is missing. */
function numbers(
  { emitter }: Tools,
  columns: readonly { readonly port: Port; readonly median: number }[],
): Block {
  const joined = columns.map(({ port }) => emitter.cast(port.own, "float64"));
  const values = joined.length === 1 ? (joined[0] as string) : emitter.node("Concat", joined, { axis: 1 });
  const gaps = emitter.node("IsNaN", [values]);
  const medians = emitter.constant(
    columns.map(({ median }) => median),
    [1, columns.length],
    "float64",
  );
  const filled = emitter.node("Where", [gaps, medians, values]);
  return {
    ports: columns.map(({ port }) => port),
    name: emitter.node("Concat", [filled, emitter.cast(gaps, "float64")], { axis: 1 }),
    places: columns.map((_, k) => k),
    width: 2 * columns.length,
  };
}

const partsHold = {
  year: "the year",
  month: "the month, 1 to 12",
  weekday: "the day of the week, 0 for Monday,",
  hour: "the hour, with minutes as a fraction,",
  elapsed: "the days since 1970 began (UTC), less",
} as const;

/** ONNX cannot read dates: whoever asks the model computes their parts. */
function dateParts(
  tools: Tools,
  { name, parts, medians, missing, origin }: DateEncoding,
  own: string,
): Block {
  const columns = parts.map((part, k) => {
    const since = part === "elapsed" ? ` ${origin / 86400e3},` : "";
    const what = `${partsHold[part]}${since}`;
    const holds = `${what} of the dates of column ${JSON.stringify(name)}; NaN where missing`;
    const port = { own: `${own}.${k}`, name: `${name}.${part}`, type: "float32" as const, holds };
    return { port: { ...port, shape: [tools.rows, 1] }, median: medians[k] as number };
  });
  const block = numbers(tools, columns);
  return { ...block, places: [...block.places, ...(missing ? [parts.length] : [])] };
}

/** 1 for the level that a text is; then for other text and for missing values, where these have a level. */
function levels({ emitter, text, rows }: Tools, column: CategoryEncoding, own: string): Block {
  const { name, levels, other, missing } = column;
  const is = (texts: readonly string[]) =>
    emitter.cast(emitter.node("Equal", [own, text(texts, [1, texts.length])]), "float64");
  const spelt = spellingsOf(levels).map(is);
  const known = spelt.length === 1 ? (spelt[0] as string) : emitter.node("Max", spelt);
  const any = (flags: string) => emitter.node("ReduceSum", [flags, emitter.ints(1)], { keepdims: 1 });
  const marks = missingSpellings().filter((mark) => !levels.includes(mark));
  const gap = other || missing ? any(is(marks)) : undefined;
  const one = () => emitter.scalar(1, "float64");
  const elsewhere =
    other && gap !== undefined
      ? emitter.node("Sub", [emitter.node("Sub", [one(), any(known)]), gap])
      : undefined;
  const all = [known, ...(elsewhere === undefined ? [] : [elsewhere]), ...(missing && gap ? [gap] : [])];
  const width = levels.length + Number(other) + Number(missing);
  const holds = `the text of column ${JSON.stringify(name)}, without blanks at its ends; "" where missing`;
  return {
    ports: [{ own, name, type: "string", shape: [rows, 1], holds }],
    name: all.length === 1 ? known : emitter.node("Concat", all, { axis: 1 }),
    places: Array.from({ length: width }, (_, k) => k),
    width,
  };
}

/** The most probable class and the probabilities of all. */
function classOutputs({ emitter, text, rows }: Tools, y: string, facts: WayFacts): Port[] {
  const { classes = [], loss } = facts;
  const outputs = emitter.cast(y, "float64");
  const softmax = emitter.node("Softmax", [outputs], { axis: -1 });
  const probabilities = loss === "cross-entropy" ? softmax : shares(emitter, outputs, softmax);
  const best = emitter.node("ArgMax", [y], { axis: 1, keepdims: 0 });
  const whole = areWhole(facts);
  const names = whole
    ? emitter.constant(classes.map(Number), [classes.length], "int64")
    : text(classes, [classes.length]);
  return [
    {
      own: emitter.node("Gather", [names, best], { axis: 0 }),
      ...({ name: "prediction", type: whole ? "int64" : "string", shape: [rows] } as const),
      holds: "the most probable class, as it stands in the file",
    },
    {
      own: probabilities,
      ...({ name: "probabilities", type: "float64", shape: [rows, classes.length] } as const),
      holds: `the probability of each class, in the order ${JSON.stringify(classes)}`,
    },
  ];
}

/** Whether the classes are whole numbers in the file. */
function areWhole({ classes = [], encoding, image }: WayFacts): boolean {
  const numeric = encoding ? encoding.target.kind === "classes" && encoding.target.notation : image;
  return (
    numeric !== undefined &&
    classes.every((name) => /^-?\d+$/.test(name) && Number.isSafeInteger(Number(name)))
  );
}

/** Of a network that was fitted to one-hot targets: see `load-model.ts`. */
function shares(emitter: Emitter, outputs: string, softmax: string): string {
  const zero = emitter.scalar(0, "float64");
  const positive = emitter.node("Max", [outputs, zero]);
  const total = emitter.node("ReduceSum", [positive, emitter.ints(1)], { keepdims: 1 });
  const none = emitter.node("Equal", [total, zero]);
  return emitter.node("Where", [none, softmax, emitter.node("Div", [positive, total])]);
}

/** The number in the target's own units. */
function quantity({ emitter, rows }: Tools, y: string, { encoding, targetScale }: WayFacts): Port[] {
  const { mean, sd } = targetScale ?? { mean: 0, sd: 1 };
  const target = encoding?.target;
  const scaled = emitter.node("Mul", [emitter.cast(y, "float64"), emitter.scalar(sd, "float64")]);
  const shifted = emitter.node("Add", [scaled, emitter.scalar(mean, "float64")]);
  const log = target?.kind === "number" && target.transform === "log";
  const number = emitter.node("Reshape", [log ? emitter.node("Exp", [shifted]) : shifted, emitter.ints(-1)]);
  const holds = `a number in the units of ${target ? `column ${JSON.stringify(target.name)}` : "the target"}`;
  return [
    {
      own: number,
      ...({ name: "prediction", type: "float64", shape: [rows] } as const),
      holds,
    },
  ];
}
