import { resolve } from "node:path";

import { fileDigest, readOrigin } from "../../artifacts/origin.ts";
import { NETWORK_FILE, openRunFolder, type RunFolder } from "../../artifacts/run-folder.ts";
import { inputError } from "../../util/error.ts";
import { parseConfig, type Config } from "../config/config.ts";
import { partOf } from "../config/fields.ts";
import { onlyUseful } from "../config/useful-fields.ts";

/**
 * A configuration as its run folder keeps it: what its method has a use for, but for what is about one command. A file with layers is the
 * folder's own copy, which stays where it is.
 */
export function keptConfig(config: Config): object {
  const kept = partOf(config, "training", "data", "machine", "place");
  const ownLayers = layersFileOf(config) === undefined ? {} : { model: NETWORK_FILE };
  return onlyUseful({ ...kept, ...ownLayers }, [config.method]);
}

/** The file that lists the network's layers, where one does. */
export const layersFileOf = ({ problem, model }: Pick<Config, "problem" | "model">): string | undefined =>
  problem === undefined && model.endsWith(".json") ? model : undefined;

/**
 * A run folder of the command line and its configuration.
 *
 * @throws {HypertrainError} if it is none.
 */
export async function openConfiguredRun(path: string): Promise<{ folder: RunFolder; config: Config }> {
  const { folder, config } = await openRunFolder(path);
  const parsed = parseConfig(config, (field) => `"${field}" in ${folder.config}`);
  if (parsed.model !== NETWORK_FILE) return { folder, config: parsed };
  await demandOwnNetwork(folder);
  return { folder, config: { ...parsed, model: resolve(folder.network) } };
}

async function demandOwnNetwork(folder: RunFolder): Promise<void> {
  const origin = await readOrigin(folder);
  if (!origin || origin.network === (await fileDigest(folder.network))) return;
  throw inputError(
    `${folder.network} must be as hypertrain wrote it, but was changed since; restore it or start the run anew`,
  );
}
