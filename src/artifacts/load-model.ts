import { readFile } from "node:fs/promises";

import { tree, type numpy as np } from "@jax-js/jax";

import type { Score } from "../api/trace.ts";
import { evaluationBatches } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import { rowRemarks } from "../data/row-remarks.ts";
import { takeTableRows } from "../data/table-data.ts";
import {
  decodeQuantity,
  encodeInputs,
  encodeTarget,
  textOf,
  type TableEncoding,
} from "../data/table-encoding.ts";
import { tableOf, type Table } from "../data/table.ts";
import type { ArrayTree, Engine, Program, ProgramRunner } from "../engine/engine.ts";
import { plainLayers } from "../nn/layer.ts";
import { mlp } from "../nn/mlp.ts";
import { sequential, type SequentialOptions } from "../nn/sequential.ts";
import type { Batch, Task } from "../problem/problem.ts";
import { ensembleOf } from "../problem/folds.ts";
import { supervised } from "../problem/supervised.ts";
import { evaluationPrograms } from "../tuners/evaluate.ts";
import { evaluate } from "../tuners/trace-point.ts";
import { inputError } from "../util/error.ts";
import { hostVector, type HostTree } from "../util/host-array.ts";
import { shown } from "../util/text.ts";
import { decodeTensors } from "../util/safetensors.ts";
import { classAnswers, type Prediction } from "./answers.ts";
import { onDisk } from "./disk.ts";
import {
  demandOwnWeights,
  readModelDocument,
  type ModelDocument,
  type ModuleDocument,
  type NetworkDocument,
} from "./model-document.ts";
import { runFolder } from "./run-folder.ts";

/** A trained model that answers for new rows. */
export interface Model {
  readonly document: ModelDocument;
  /**
   * The answers for the rows of a table, whose columns are found by name: numbers or text, unknown text and missing values as in
   * training.
   *
   * @param rows a table, or values by column
   * @throws {HypertrainError} naming all columns that are missing.
   */
  predict(rows: Table | RowsByColumn): Promise<Prediction>;
  /**
   * What is odd about rows, in sentences, none where they are as those of training: values far from these, rows of totals, text that
   * these did not have, numbers without the unit that these had. `predict` answers for them all the same.
   *
   * @throws {HypertrainError} as `predict` does.
   */
  remarksOn(rows: Table | RowsByColumn): readonly string[];
  /** Loss and metric on rows whose target is known. @throws {HypertrainError} if the table lacks the target, or has a class that is not known. */
  score(table: Table): Promise<Score>;
  /** Frees the engine's memory. */
  dispose(): void;
}

/** Values by column. */
type RowsByColumn = Readonly<Record<string, readonly unknown[]>>;

/**
 * Loads the model of a run folder.
 *
 * ```ts
 * const model = await loadModel("runs/people-delta-stn-0", await jaxEngine());
 * const { values } = await model.predict({ age: [31, null], town: ["Ulm", "Graz"] });
 * model.dispose();
 * ```
 *
 * @throws {HypertrainError} if it holds no model of a table.
 */
export async function loadModel(run: string, engine: Engine): Promise<Model> {
  const folder = runFolder(run);
  const { path, document: file, model } = folder;
  const document = await readModelDocument(file, path);
  const { encoding } = document;
  if (!encoding) {
    throw inputError(
      `${path} must be a run on a table for its model to take rows, but ${document.data} is none; use model.onnx, which takes the network's own inputs`,
    );
  }
  const bytes = await onDisk(model, () => readFile(model));
  const { tensors } = decodeTensors(bytes, model);
  demandOwnWeights(document, bytes, folder);
  const { network } = document;
  if ("module" in network) {
    throw inputError(
      `${path} must hold a network that model.json describes for its model to take rows here, but its network was made by ${shown(network.module)}; use model.onnx, which holds the whole way from rows to answers`,
    );
  }
  return opened({ ...document, network, encoding }, tensors, engine);
}

type TableModel = ModelDocument & {
  readonly encoding: TableEncoding;
  readonly network: Exclude<NetworkDocument, ModuleDocument>;
};

function opened(document: TableModel, params: HostTree, engine: Engine): Model {
  const { encoding } = document;
  const { problem } = taskOf(document, { rows: 0, fields: {} });
  const outputs: OutputsProgram = ({ params }, { batch }) => [
    {},
    { y: problem.predict(plainLayers(params), tree.ref(batch), {}, {}, "eval") as np.Array }, // of one array: see taskOf
  ];
  const programs = { outputs, ...evaluationPrograms(problem, ({ params }) => plainLayers(params)) };
  const session = engine.open(programs, { params, hypers: hostVector([]) }, "float32");
  return {
    document,
    async predict(rows) {
      const table = asTable(rows);
      const dataset = { rows: table.rows, fields: { x: encodeInputs(encoding, table) } };
      return answersOf(document, await outputsOf(session, dataset));
    },
    remarksOn: (rows) => rowRemarks(encoding, asTable(rows)),
    score(table) {
      const known = withTarget(encoding, table);
      const y = encodeTarget(encoding, known);
      const dataset = { rows: known.rows, fields: { x: encodeInputs(encoding, known), y } };
      return evaluate(taskOf(document, dataset), session, "test", BATCH);
    },
    dispose: () => session.dispose(),
  };
}

const asTable = (rows: Table | RowsByColumn): Table => (isTable(rows) ? rows : tableOf("the rows", rows));

const isTable = (rows: object): rows is Table => typeof (rows as Partial<Table>).lineOf === "function";

/** Rows that go through the network at once. */
const BATCH = 512;

/** The problem of the network, with no hyperparameters, and rows to score. */
function taskOf(document: TableModel, dataset: Dataset): Task {
  const { data: name, task, loss, network, classes, encoding, ensemble } = document;
  const one = supervised({
    data: {
      name,
      task,
      splits: { train: dataset, valid: dataset, test: dataset },
      inputShape: "layers" in network ? network.input : [network.inputs],
      outputs: network.outputs,
      ...(classes && { classes }),
      ...(encoding.target.kind === "number" && { targetScale: encoding.target }),
      encoding,
      warnings: [],
    },
    network: "layers" in network ? sequential(network as SequentialOptions) : mlp(network), // only ever written by this package
    hypers: {},
    loss,
  });
  return ensemble === undefined ? one : { ...one, problem: ensembleOf(one.problem, ensemble, task, loss) };
}

/** What the network answers for the rows of a `batch`: `y` [rows, outputs]. */
type OutputsProgram = Program<{ params: ArrayTree }, { batch: Batch }, { y: np.Array }>;

/** The outputs of every row: [rows][outputs]. */
async function outputsOf(
  session: ProgramRunner<{ outputs: OutputsProgram }>,
  dataset: Dataset,
): Promise<number[][]> {
  const rows: number[][] = [];
  for (const { fields } of evaluationBatches(dataset, BATCH)) {
    const { data, shape } = (await session.run("outputs", { batch: fields })).y;
    const width = shape[1] as number;
    for (let i = 0; i < BATCH && rows.length < dataset.rows; i++)
      rows.push(Array.from(data.subarray(i * width, (i + 1) * width)));
  }
  return rows;
}

function answersOf({ encoding, loss }: TableModel, outputs: readonly number[][]): Prediction {
  const { target } = encoding;
  if (target.kind === "classes") return classAnswers(target.classes, loss, outputs);
  return { kind: "numbers", values: outputs.map(([y]) => decodeQuantity(target, y as number)) };
}

/** The rows whose target is not missing. */
function withTarget({ target }: TableEncoding, table: Table): Table {
  const column = table.columns.find(({ name }) => name === target.name);
  if (!column) return table; // which encodeTarget refuses by name
  const rows = textOf(column).flatMap((value, row) => (value === null ? [] : [row]));
  if (rows.length > 0) return takeTableRows(table, Uint32Array.from(rows));
  throw inputError(
    `the target column of ${table.name} must have values to score a model, but all are missing`,
  );
}
