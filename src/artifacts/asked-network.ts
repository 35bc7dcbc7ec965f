import { tree, type numpy as np } from "@jax-js/jax";

import type { Score } from "../api/trace.ts";
import { evaluationBatches } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import type { ArrayTree, Engine, Program, ProgramRunner, Programs, Session } from "../engine/engine.ts";
import { heldSession } from "../engine/held-session.ts";
import { plainLayers } from "../nn/layer.ts";
import { initRows, rowsFrom } from "../nn/row-states.ts";
import { mlp } from "../nn/mlp.ts";
import type { Network } from "../nn/network.ts";
import { sequential, type SequentialOptions } from "../nn/sequential.ts";
import { ensembleOf } from "../problem/folds.ts";
import type { Batch, Problem, Task } from "../problem/problem.ts";
import { supervised } from "../problem/supervised.ts";
import { evaluationPrograms } from "../tuners/evaluate.ts";
import { evaluate } from "../tuners/trace-point.ts";
import { HostArray, hostVector, type HostTree } from "../util/host-array.ts";
import type { ModelDocument } from "./model-document.ts";

/** A network with the shape of an example and the number of its outputs. */
export interface KnownNetwork {
  readonly network: Network;
  readonly inputShape: readonly number[];
  readonly outputs: number;
}

/** The network that a document describes; undefined of one that only its module can make. */
export function describedNetwork({ network }: ModelDocument): KnownNetwork | undefined {
  if ("module" in network) return undefined;
  const { outputs } = network;
  return "layers" in network
    ? { network: sequential(network as SequentialOptions), inputShape: network.input, outputs } // only ever written by this package
    : { network: mlp(network), inputShape: [network.inputs], outputs };
}

/** A trained network that an engine holds, to be asked. */
export interface AskedNetwork {
  /** The shape of one example, as the network takes it. */
  readonly inputShape: readonly number[];
  /** The outputs of every row of the field `x`, of which so many go through the network at once: [rows][outputs]. */
  outputs(dataset: Dataset, batchSize: number): Promise<number[][]>;
  /** Loss and metric of such outputs. @param y classes or targets, as training has them: [rows, ...] */
  score(outputs: readonly number[][], y: HostArray): Promise<Score>;
  /** Frees the engine's memory; a second time does nothing. */
  dispose(): void;
}

/** Hands a trained network to an engine. */
export function openNetwork(
  document: ModelDocument,
  known: KnownNetwork,
  params: HostTree,
  engine: Engine,
): AskedNetwork {
  const outputs = outputsProgram(document, known);
  const judged = judgingTask(document, known, { rows: 0, fields: {} }).problem;
  const programs = { outputs, ...evaluationPrograms(judged, ({ params }) => plainLayers(params)) };
  const session = heldBy(engine.open(programs, { params, hypers: hostVector([]) }, "float32"));
  return {
    inputShape: known.inputShape,
    outputs: (dataset, batchSize) => outputsOf(session, dataset, batchSize),
    score(outputs, y) {
      const x = new HostArray(Float32Array.from(outputs.flat()), [outputs.length, known.outputs]);
      const dataset = { rows: outputs.length, fields: { x, y } };
      return evaluate(judgingTask(document, known, dataset), session, "test", ROWS_SCORED);
    },
    dispose: () => session.dispose(),
  };
}

/** What a trained network answers for rows at once: [rows, ...]. */
export async function answersTo(
  x: HostArray,
  document: ModelDocument,
  known: KnownNetwork,
  params: HostTree,
  engine: Engine,
): Promise<HostArray> {
  const outputs = outputsProgram(document, known);
  const session = engine.open({ outputs }, { params }, "float32");
  try {
    return (await session.run("outputs", { batch: { x } })).y;
  } finally {
    session.dispose();
  }
}

/** A trained language model that an engine holds, to be asked. */
export interface AskedLanguageModel {
  /** Tokens of a row. */
  readonly steps: number;
  /** Loss and metric of rows of tokens that follow each other, with the token behind each as its class. */
  score(dataset: Dataset): Promise<Score>;
  /** Begins to read a text at its start, in the rows in which it would be scored. */
  reader(): TextReader;
  /** Frees the engine's memory; a second time does nothing. */
  dispose(): void;
}

/** Reads a text token by token. */
export interface TextReader {
  /** Reads on, one token at least. @returns the outputs for the token behind all that it has read: one for each of the vocabulary */
  read(tokens: ArrayLike<number>): Promise<HostArray["data"]>;
}

/** Hands a trained language model to an engine. */
export function openLanguageModel(
  document: ModelDocument,
  known: KnownNetwork,
  params: HostTree,
  engine: Engine,
): AskedLanguageModel {
  const task = taskOf(document, known, { rows: 0, fields: {}, order: "streams" });
  const { problem } = task;
  const next: NextProgram = ({ params }, { batch, rowsBefore }) => {
    const handed = rowsFrom(rowsBefore);
    const layers = { ...plainLayers(params), ...handed.layers };
    const y = problem.predict(layers, tree.ref(batch), {}, {}, "eval") as np.Array; // of one array: see taskOf
    return [{}, { y, ...handed.left() }];
  };
  const programs = { next, ...evaluationPrograms(problem, ({ params }) => plainLayers(params)) };
  const session = heldBy(engine.open(programs, { params, hypers: hostVector([]) }, "float32"));
  const steps = known.inputShape[0] as number;
  return {
    steps,
    reader: () => readerOf(session, problem, steps),
    score: (dataset) =>
      evaluate({ ...task, data: { ...task.data, test: dataset } }, session, "test", ROWS_SCORED),
    dispose: () => session.dispose(),
  };
}

/** What the network answers at every step of one row `x` [1, steps]: `y` [1, steps, vocabulary]; and what the row leaves for the next. */
type NextProgram = Program<
  { params: ArrayTree },
  { batch: Batch; rowsBefore?: ArrayTree },
  { y: np.Array; rowsLeft?: ArrayTree }
>;

/** Rows are of `steps` tokens; one that is not full yet has others behind it, of which no answer of a causal network depends. */
function readerOf(
  session: ProgramRunner<{ next: NextProgram }>,
  { rowStates }: Problem,
  steps: number,
): TextReader {
  let before = rowStates && initRows(rowStates, 1);
  let row: number[] = [];
  const answers = async () => {
    const x = new HostArray(
      Int32Array.from({ length: steps }, (_, i) => row[i] ?? 0),
      [1, steps],
    );
    return session.run("next", { batch: { x }, ...(before && { rowsBefore: before }) });
  };
  return {
    async read(tokens) {
      let logits: HostArray["data"] | undefined;
      for (let i = 0; i < tokens.length; i++) {
        row.push(tokens[i] as number);
        if (row.length < steps && i < tokens.length - 1) continue;
        const { y, rowsLeft } = await answers();
        const vocabulary = y.shape[2] as number;
        logits = y.data.slice((row.length - 1) * vocabulary, row.length * vocabulary);
        if (row.length === steps) [before, row] = [rowsLeft, []];
      }
      if (!logits) throw new Error("internal: a reader must be given a token");
      return logits;
    },
  };
}

const heldBy = <P extends Programs>(opened: Session<P>): Session<P> =>
  heldSession(opened, { holder: "the model", anew: "load it again" });

/** Outputs that are scored at once. */
const ROWS_SCORED = 512;

/** The problem of the network, with no hyperparameters, and rows to score. */
function taskOf(document: ModelDocument, known: KnownNetwork, dataset: Dataset): Task {
  const { data: name, task, loss, classes, text, encoding, ensemble } = document;
  const one = supervised({
    data: {
      name,
      task,
      splits: { train: dataset, valid: dataset, test: dataset },
      ...{ inputShape: known.inputShape, outputs: known.outputs },
      ...(classes && { classes }),
      ...(text && { perStep: true }),
      ...(encoding?.target.kind === "number" && { targetScale: encoding.target }),
      ...(encoding && { encoding }),
      warnings: [],
    },
    network: known.network,
    hypers: {},
    loss,
  });
  return ensemble === undefined ? one : { ...one, problem: ensembleOf(one.problem, ensemble, task, loss) };
}

/** The same for rows whose `x` are the network's outputs. */
function judgingTask(document: ModelDocument, known: KnownNetwork, dataset: Dataset): Task {
  const task = taskOf(document, known, dataset);
  return { ...task, problem: { ...task.problem, predict: (_layers, { x }) => x as np.Array } };
}

/** What the network answers for the rows of a `batch`: `y` [rows, outputs]. */
type OutputsProgram = Program<{ params: ArrayTree }, { batch: Batch }, { y: np.Array }>;

function outputsProgram(document: ModelDocument, known: KnownNetwork): OutputsProgram {
  const { problem } = taskOf(document, known, { rows: 0, fields: {} });
  return ({ params }, { batch }) => [
    {},
    { y: problem.predict(plainLayers(params), tree.ref(batch), {}, {}, "eval") as np.Array }, // of one array: see taskOf
  ];
}

async function outputsOf(
  session: ProgramRunner<{ outputs: OutputsProgram }>,
  dataset: Dataset,
  batchSize: number,
): Promise<number[][]> {
  const rows: number[][] = [];
  for (const { fields } of evaluationBatches(dataset, batchSize)) {
    const { data, shape } = (await session.run("outputs", { batch: fields })).y;
    const width = shape[1] as number;
    for (let i = 0; i < batchSize && rows.length < dataset.rows; i++)
      rows.push(Array.from(data.subarray(i * width, (i + 1) * width)));
  }
  return rows;
}
