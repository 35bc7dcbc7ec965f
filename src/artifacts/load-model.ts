import { readFile } from "node:fs/promises";

import type { Engine } from "../engine/engine.ts";
import { inputError } from "../util/error.ts";
import { decodeTensors } from "../util/safetensors.ts";
import { shown } from "../util/text.ts";
import { openNetwork } from "./asked-network.ts";
import { onDisk } from "./disk.ts";
import { demandOwnWeights, readModelDocument } from "./model-document.ts";
import { runFolder } from "./run-folder.ts";
import { tableModel, type TableModel } from "./table-model.ts";

/** A trained model that answers for new rows. */
export type Model = TableModel;

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
  const described = { ...document, network, encoding };
  return tableModel(described, openNetwork(described, tensors, engine));
}
