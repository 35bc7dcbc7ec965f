import { existsSync } from "node:fs";

import { demandTrainedNetwork } from "../artifacts/load-model.ts";
import { readModelDocument } from "../artifacts/model-document.ts";
import type { RunFolder } from "../artifacts/run-folder.ts";
import { choosesArchitecture } from "../problem/architecture.ts";
import { inputError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";
import type { Job } from "./job.ts";
import { isModule, loadNetwork } from "./network-module.ts";

/**
 * Demands of the network that a job's module makes that it is the one that the model of a run folder holds: of the same layers, and by its description where it has
 * one, else by its answers. Of a run without a module, or without a model yet, nothing is demanded.
 *
 * @throws {HypertrainError} where it is another.
 */
export async function demandModelNetwork(
  folder: RunFolder,
  { config: { problem, model, hyper = {} }, named, engine }: Pick<Job, "config" | "named" | "engine">,
): Promise<void> {
  if (problem !== undefined || !isModule(model) || !existsSync(folder.document)) return;
  const document = await readModelDocument(folder.document, folder.path);
  if ("module" in document.network) {
    const { input, outputs } = document.network;
    const network = await loadNetwork(model, { input, outputs }, document.data);
    return demandTrainedNetwork(folder, document, network, engine);
  }
  if (Object.keys(hyper).some(choosesArchitecture)) return; // then the model describes what was chosen
  if (JSON.stringify(document.network) === JSON.stringify(named.supervised?.network)) return;
  throw inputError(
    `the network that ${oneLine(model)} makes must be the one that was trained, but its layers are not as ${folder.path}/model.json describes them; restore the module, and what it imports, as it was`,
  );
}
