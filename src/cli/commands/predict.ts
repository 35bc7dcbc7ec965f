import { basename } from "node:path";

import { loadModel, type LoadModelOptions, type Model } from "../../artifacts/load-model.ts";
import { readModelDocument } from "../../artifacts/model-document.ts";
import { runFolder } from "../../artifacts/run-folder.ts";
import { isImage } from "../../data/node/decode-images.ts";
import { inputError } from "../../util/error.ts";
import { isDirectory } from "../files/is-directory.ts";
import { demandWritable } from "../files/written-file.ts";
import { loadNetwork } from "../modules/network-module.ts";
import { csvOf, describe, documentOf } from "../predict/answered.ts";
import { answerImages } from "../predict/predict-images.ts";
import { answerRows } from "../predict/predict-rows.ts";
import { answerText, demandAsked, type TextFlags } from "../predict/predict-text.ts";
import { openEngine } from "../registry/engines.ts";
import { openConfiguredRun } from "../run/run-config.ts";
import { originOf } from "../run/origin.ts";
import { namedModule, withTrustedModule, type ModuleFlags } from "../run/run-module.ts";
import { inFlags } from "../terminal/in-flags.ts";

/** What `hypertrain predict` accepts. */
export interface PredictFlags extends TextFlags, ModuleFlags {
  /** Where the answers go, as CSV. */
  readonly out?: string;
  /** Writes over a file that is there. */
  readonly force?: boolean;
}

/**
 * Answers for the rows of a file or for images, judges a text or continues one, by the model of a run.
 *
 * @param places the file; or images and folders of images
 * @returns the exit code
 */
export async function predict(run: string, places: readonly string[], flags: PredictFlags): Promise<number> {
  const { out, force, json = false } = flags;
  demandAsked(places, flags);
  const write = await demandWritable({ "--out": out }, { force, files: places, run });
  const some = places.some((place) => isDirectory(place) || isImage(place));
  const made = await networkOfModule(run, flags);
  const engine = await openEngine({ engine: "auto" });
  const kind = some ? "images" : flags.continue === undefined ? undefined : "text";
  const model = await loadModel<Model["kind"]>(run, engine, kind, made);
  try {
    if (model.kind === "text") {
      await answerText(model, places, flags);
      return 0;
    }
    const answered =
      model.kind === "table"
        ? await answerRows(model, places, flags)
        : await answerImages(model, places, flags);
    if (out !== undefined) await write(out, csvOf(answered));
    for (const warning of answered.warnings) process.stderr.write(`warning: ${inFlags(warning)}\n`);
    if (answered.why !== undefined) process.stderr.write(`${answered.why}\n`);
    process.stdout.write(json ? `${JSON.stringify(documentOf(answered))}\n` : describe(answered, out));
    return 0;
  } finally {
    model.dispose();
  }
}

/** The network of a run whose module makes it, with the name of its file; nothing of all others. @throws {HypertrainError} where that module is not to be trusted. */
async function networkOfModule(run: string, flags: ModuleFlags): Promise<LoadModelOptions> {
  const { document, path } = runFolder(run);
  const { network, data } = await readModelDocument(document, path);
  const { module } = flags;
  if (!("module" in network)) {
    if (module === undefined) return {};
    throw inputError(
      `--module must come with a run whose network a module makes, but the model.json of ${path} describes its own; leave it out`,
    );
  }
  const { input, outputs } = network;
  const file = module === undefined ? await moduleOfRun(run, flags) : namedModule(module);
  return { network: await loadNetwork(file, { input, outputs }, data), module: basename(file) };
}

async function moduleOfRun(run: string, flags: ModuleFlags): Promise<string> {
  const { folder, config } = await openConfiguredRun(run);
  const asked = { doing: "its answering", always: "--trust" };
  return (await withTrustedModule(folder, await originOf(folder), config, flags, asked)).model;
}
