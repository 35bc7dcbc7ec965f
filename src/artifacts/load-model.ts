import { readFile } from "node:fs/promises";

import { anEngine, type Engine } from "../engine/engine.ts";
import { inputError, type HypertrainError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";
import { decodeTensors } from "../util/safetensors.ts";
import { oneLine } from "../util/text.ts";
import { openNetwork, type AskedDocument } from "./asked-network.ts";
import { onDisk } from "./disk.ts";
import { imageModel, takesImages, type ImageModel } from "./image-model.ts";
import { demandOwnWeights, readModelDocument, type ModelDocument } from "./model-document.ts";
import { runFolder, type RunFolder } from "./run-folder.ts";
import { tableModel, takesRows, type TableModel } from "./table-model.ts";
import { demandGiven } from "../util/given.ts";
import { oneOf, text } from "../util/rule.ts";

/** A trained model that answers for new rows of a table, or for new images: `kind` says which. */
export type Model = TableModel | ImageModel;

/**
 * Loads the model of a run folder.
 *
 * ```ts
 * const people = await loadModel("runs/people-delta-stn-0", await jaxEngine(), "table");
 * const { values } = await people.predict({ age: [31, null], town: ["Ulm", "Graz"] });
 * people.dispose();
 * const photos = await loadModel("runs/photos-delta-stn-0", await jaxEngine(), "images");
 * const { probabilities } = await photos.predict(["one.jpg", "another.png"]);
 * photos.dispose();
 * ```
 *
 * @param kind what it is to answer for; default what it was trained on. A model of a table whose columns are pixels answers for images as
 *   well, where it is known what is white, as of the digits
 * @throws {HypertrainError} for what is no engine or no kind, or if it holds no model of that kind.
 */
export async function loadModel<Kind extends Model["kind"] = Model["kind"]>(
  run: string,
  engine: Engine,
  kind?: Kind,
): Promise<Extract<Model, { readonly kind: Kind }>> {
  demandGiven("loadModel", { run, engine }, { run: text, engine: anEngine });
  if (kind !== undefined) demandGiven("loadModel", { kind }, { kind: oneOf("table", "images") });
  const folder = runFolder(run);
  const document = await readModelDocument(folder.document, folder.path);
  demandKind(kind, document, folder);
  const open = async <D extends ModelDocument>(taken: D) => {
    const params = await weightsOf(folder, taken);
    const described = demandDescribed(taken, folder);
    return [described, openNetwork(described, params, engine)] as const;
  };
  const model =
    takesRows(document) && kind !== "images"
      ? tableModel(...(await open(document)))
      : takesImages(document)
        ? imageModel(...(await open(document)))
        : undefined;
  if (!model) throw neither(folder, document);
  return model as Extract<Model, { readonly kind: Kind }>; // demandKind has seen to that
}

/** @throws {HypertrainError} where a model takes none of what it is to answer for. */
function demandKind(kind: Model["kind"] | undefined, document: ModelDocument, folder: RunFolder): void {
  const { path } = folder;
  if (kind === "table" && !takesRows(document) && takesImages(document)) {
    throw inputError(
      `${path} must be a run on a table for its model to take rows, but ${document.data} holds images; give it images`,
    );
  }
  if (kind === "images" && takesRows(document) && !takesImages(document)) {
    throw (
      unsaid(folder, document, "give it a file of rows") ??
      inputError(
        `${path} must be a run on images for its model to take some, but ${document.data} is a table; give it a file of rows`,
      )
    );
  }
}

async function weightsOf(folder: RunFolder, document: ModelDocument): Promise<HostTree> {
  const bytes = await onDisk(folder.model, () => readFile(folder.model));
  const { tensors } = decodeTensors(bytes, folder.model);
  demandOwnWeights(document, bytes, folder);
  return tensors;
}

/** Demands a network that `model.json` describes. @throws {HypertrainError} */
function demandDescribed<D extends ModelDocument>(document: D, { path }: RunFolder): D & AskedDocument {
  const { network } = document;
  if (!("module" in network)) return { ...document, network };
  throw inputError(
    `${path} must hold a network that model.json describes for its model to answer here, but its network was made by ${oneLine(network.module)}; use model.onnx, which holds the whole way to answers`,
  );
}

/** Why there are no answers of a model. */
const neither = (folder: RunFolder, document: ModelDocument): HypertrainError =>
  unsaid(folder, document, "use model.onnx") ??
  inputError(
    `${folder.path} must be a run on a table, or on images with classes, for its model to answer here, but ${document.data} is neither; use model.onnx, which takes the network's own inputs`,
  );

/** Why a model of pixels takes no images; nothing where its inputs are none. @param instead what else to do than to have it say more */
function unsaid(
  { path }: RunFolder,
  { pixels, classes }: ModelDocument,
  instead: string,
): HypertrainError | undefined {
  if (!pixels || !classes) return undefined;
  return inputError(
    `${path} must say what its images are like for its model to take others, but its model.json does not; if an older version wrote that, write it anew with \`hypertrain resume ${path}\`, else ${instead}`,
  );
}
