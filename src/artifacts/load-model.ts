import { readFile } from "node:fs/promises";

import { anEngine, type Engine } from "../engine/engine.ts";
import { inputError, type HypertrainError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";
import { decodeTensors } from "../util/safetensors.ts";
import { oneLine } from "../util/text.ts";
import { openLanguageModel, openNetwork, type AskedDocument } from "./asked-network.ts";
import { onDisk } from "./disk.ts";
import { imageModel, takesImages, type ImageModel } from "./image-model.ts";
import { demandOwnWeights, readModelDocument, type ModelDocument } from "./model-document.ts";
import { runFolder, type RunFolder } from "./run-folder.ts";
import { takesText, textModel, type TextModel } from "./text-model.ts";
import { tableModel, takesRows, type TableModel } from "./table-model.ts";
import { demandGiven } from "../util/given.ts";
import { oneOf, text } from "../util/rule.ts";

/** A trained model that answers for new rows of a table or for new images, or judges new texts: `kind` says which. */
export type Model = TableModel | ImageModel | TextModel;

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
 * const prose = await loadModel("runs/book-delta-stn-0", await jaxEngine(), "text");
 * const { loss } = await prose.score("It was a dark and stormy night.");
 * prose.dispose();
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
  if (kind !== undefined) demandGiven("loadModel", { kind }, { kind: oneOf("table", "images", "text") });
  const folder = runFolder(run);
  const document = await readModelDocument(folder.document, folder.path);
  demandKind(kind, document, folder);
  const model = await opened(document, { kind, folder, engine });
  if (!model) throw none(folder, document);
  return model as Extract<Model, { readonly kind: Kind }>; // demandKind has seen to that
}

/** The model of a document; undefined where it answers for nothing here. */
async function opened(
  document: ModelDocument,
  { kind, folder, engine }: { kind: Model["kind"] | undefined; folder: RunFolder; engine: Engine },
): Promise<Model | undefined> {
  const described = async <D extends ModelDocument>(taken: D) =>
    [demandDescribed(taken, folder), await weightsOf(folder, taken)] as const;
  if (takesText(document)) {
    const [asked, params] = await described(document);
    return textModel(asked, openLanguageModel(asked, params, engine));
  }
  if (takesRows(document) && kind !== "images") {
    const [asked, params] = await described(document);
    return tableModel(asked, openNetwork(asked, params, engine));
  }
  if (!takesImages(document)) return undefined;
  const [asked, params] = await described(document);
  return imageModel(asked, openNetwork(asked, params, engine));
}

/** @throws {HypertrainError} where a model takes none of what it is to answer for. */
function demandKind(kind: Model["kind"] | undefined, document: ModelDocument, folder: RunFolder): void {
  const { path } = folder;
  if (kind !== undefined && (kind === "text") !== takesText(document)) {
    const [wanted, has] =
      kind === "text" ? ["a text", "none"] : [kind === "table" ? "a table" : "images", "a text"];
    throw inputError(
      `${path} must be a run on ${wanted} for its model to take ${kind === "images" ? "some" : "one"}, but ${document.data} is ${has}; ${has === "none" ? "give it what it was trained on" : "give it a file of text"}`,
    );
  }
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
const none = (folder: RunFolder, document: ModelDocument): HypertrainError =>
  unsaid(folder, document, "use model.onnx") ??
  inputError(
    `${folder.path} must be a run on a table, on images with classes or on a text for its model to answer here, but ${document.data} is none; use model.onnx, which takes the network's own inputs`,
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
