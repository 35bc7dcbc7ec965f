import type { Emitter } from "../../engine/onnx/emitter.ts";
import type { Port, Tools, WayFacts } from "./ports.ts";

/** The most probable class and the probabilities of all. */
export function classOutputs({ emitter, text, rows }: Tools, y: string, facts: WayFacts): Port[] {
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

/** Whether the classes are whole numbers in the file, each of which is written as numbers are: `007` and `7` are two classes. */
function areWhole({ classes = [], encoding, images }: WayFacts): boolean {
  const numeric = encoding ? encoding.target.kind === "classes" && encoding.target.notation : images;
  return (
    numeric !== undefined &&
    classes.every((name) => Number.isSafeInteger(Number(name)) && String(Number(name)) === name)
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
export function quantity({ emitter, rows }: Tools, y: string, { encoding, targetScale }: WayFacts): Port[] {
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
