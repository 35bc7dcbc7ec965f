import { modelRunner } from "../engine/onnx/engine.ts";
import type { OnnxModel } from "../engine/onnx/model.ts";
import type { Leaf, Numbers, TextLeaf } from "../engine/onnx/protocol.ts";
import type { HostArray } from "../util/host-array.ts";
import { classAnswers } from "./answers.ts";
import type { WholeWay } from "./whole-way.ts";
import type { ModelPort, WayFacts } from "./whole-way/ports.ts";
import { rawInputs, type RawInput } from "./whole-way/raw-inputs.ts";

/** What a trained network is given, and what it answers. */
export interface NetworkAnswers {
  readonly rows: number;
  /** In the precision of the model: [rows, ...] each. */
  readonly inputs: Readonly<Record<string, Leaf>>;
  /** In the order of the model's outputs. */
  readonly outputs: readonly HostArray[];
}

/** What holds models against the network that they were made from. Each says in words what is wrong, and nothing where nothing is. */
export interface ModelCheck {
  /** A file of the network alone. */
  core(bytes: Uint8Array, model: OnnxModel): Promise<string | undefined>;
  /** A file of the whole way around it. */
  way(bytes: Uint8Array, way: WholeWay, facts: WayFacts): Promise<string | undefined>;
}

/** A check of models against what the network itself answers; nothing where onnxruntime, which opens them, cannot be loaded. */
export async function modelCheck(known: NetworkAnswers): Promise<ModelCheck | undefined> {
  const run = await modelRunner();
  if (!run) return undefined;
  return {
    core: async (bytes, model) =>
      askingFor(model, known) ??
      toWords(known.rows, () =>
        coreDifferences((feeds, wanted) => run({ bytes, feeds, wanted }), model, known),
      ),
    way: (bytes, way, facts) =>
      toWords(known.rows, () =>
        wayDifferences((feeds, wanted) => run({ bytes, feeds, wanted }), way, facts, known),
      ),
  };
}

/** What a network alone asks for that it was not made for, in words. */
function askingFor({ inputs }: OnnxModel, known: NetworkAnswers): string | undefined {
  const odd = inputs.find(({ name }) => !(name in known.inputs));
  return (
    odd && `it asks for ${odd.name}, which is no input of the network, and that is a fault of hypertrain`
  );
}

/** Of how many rows the answers differ, in words where these are too many; what onnxruntime says where it refuses. */
async function toWords(rows: number, differences: () => Promise<number>): Promise<string | undefined> {
  try {
    const count = await differences();
    return count > RARE * rows
      ? `its answers for ${count} of ${rows} validation row${rows === 1 ? "" : "s"} are not the network's, which is a fault of hypertrain`
      : undefined;
  } catch (error) {
    return `onnxruntime refuses it (${(error as Error).message.split("\n")[0]}), which is a fault of hypertrain`;
  }
}

/** The share of rows on which rounding may decide the answer: shares of outputs that are all about 0. */
const RARE = 0.1;

/** Runs a file: the outputs that are wanted, from what it is fed. */
type Ask = (
  feeds: Readonly<Record<string, Leaf | TextLeaf>>,
  wanted: readonly string[],
) => Promise<readonly Numbers[]>;

async function coreDifferences(ask: Ask, model: OnnxModel, known: NetworkAnswers): Promise<number> {
  const { rows, inputs, outputs } = known;
  const feeds = Object.fromEntries(model.inputs.map(({ name }) => [name, inputs[name] as Leaf]));
  const wanted = model.outputs.map(({ name }) => name);
  const found = await ask(feeds, wanted);
  const counts = outputs.map(({ data }, i) => differing(found[i] ?? [], data, rows, largest(data)));
  return Math.max(0, ...counts);
}

async function wayDifferences(
  ask: Ask,
  { inputs, outputs }: WholeWay,
  facts: WayFacts,
  { rows, inputs: given, outputs: [y] }: NetworkAnswers,
): Promise<number> {
  const raw = rawInputs(facts, given.x as Leaf);
  const feeds = inputs.map(({ name, type, shape }, i) => [
    name,
    leafOf(type, raw[i] as RawInput, [rows, ...(shape.slice(1) as number[])]),
  ]);
  const answer = outputs.at(-1)?.name as string; // the probabilities, or the number
  const [found = []] = await ask(Object.fromEntries(feeds) as Record<string, Leaf>, [answer]);
  return differing(outputLike(found, facts), expectedOf(y as HostArray, facts), rows, largest(y?.data ?? []));
}

function leafOf(type: ModelPort["type"], values: RawInput, shape: readonly number[]): Leaf | TextLeaf {
  if (type === "string") return { dtype: type, shape, data: values as readonly string[] };
  const numbers = values as readonly number[];
  return type === "float64"
    ? { dtype: type, shape, data: Float64Array.from(numbers) }
    : { dtype: "float32", shape, data: Float32Array.from(numbers) };
}

/** Probabilities as they are, numbers in the target's own units as the network's outputs. */
function outputLike(
  found: ArrayLike<number>,
  { classes, encoding, targetScale }: WayFacts,
): ArrayLike<number> {
  if (classes) return found;
  const { mean, sd } = targetScale ?? { mean: 0, sd: 1 };
  const log = encoding?.target.kind === "number" && encoding.target.transform === "log";
  return Float64Array.from(found, (value) => ((log ? Math.log(value) : value) - mean) / sd);
}

/** The same from the network's outputs: [rows, outputs]. */
function expectedOf({ data, shape }: HostArray, { classes, loss }: WayFacts): ArrayLike<number> {
  if (!classes) return data;
  const [rows, width] = shape as [number, number];
  const outputs = Array.from({ length: rows }, (_, i) =>
    Array.from(data.subarray(i * width, (i + 1) * width)),
  );
  return classAnswers(classes, loss, outputs).probabilities.flat();
}

/** How many rows have a number that differs by more than rounding of outputs of some size; all where there are not as many numbers. */
function differing(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  rows: number,
  size: number,
): number {
  if (found.length !== expected.length) return rows;
  const width = expected.length / rows;
  const differs = new Set<number>();
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [found[i] as number, expected[i] as number];
    if (!(Math.abs(a - b) <= ROUNDING * size || Object.is(a, b))) differs.add(Math.floor(i / width));
  }
  return differs.size;
}

/** Of float32, through a deep network and back through a standardisation; mistakes are larger. */
const ROUNDING = 1e-3;

/** The largest of a network's outputs, at least 1. */
function largest(outputs: ArrayLike<number>): number {
  let size = 1;
  for (let i = 0; i < outputs.length; i++) size = Math.max(size, Math.abs(outputs[i] as number));
  return size;
}
