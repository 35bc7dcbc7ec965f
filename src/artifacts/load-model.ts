import { readFile } from "node:fs/promises";

import { aNetwork, type Network } from "../nn/network.ts";
import { anEngine, type Engine } from "../engine/engine.ts";
import { inputError, type HypertrainError } from "../util/error.ts";
import type { HostArray, HostTree } from "../util/host-array.ts";
import { decodeTensors } from "../util/safetensors.ts";
import { oneLine } from "../util/text.ts";
import {
  answersTo,
  describedNetwork,
  openLanguageModel,
  openNetwork,
  type KnownNetwork,
} from "./asked-network.ts";
import { onDisk } from "./disk.ts";
import { imageModel, takesImages, type ImageModel } from "./image-model.ts";
import {
  demandOwnWeights,
  readModelDocument,
  type ModelDocument,
  type ModuleDocument,
} from "./model-document.ts";
import {
  brokenNetwork,
  changedAnswer,
  keptAnswers,
  knownRows,
  madeBy,
  otherNetwork,
} from "./module-answers.ts";
import { runFolder, type RunFolder } from "./run-folder.ts";
import { takesText, textModel, type TextModel } from "./text-model.ts";
import { tableModel, takesRows, type TableModel } from "./table-model.ts";
import { firstOf } from "../problem/folds.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { optionText } from "../util/option-text.ts";
import { oneOf, text, type Rules } from "../util/rule.ts";

/** A trained model that answers for new rows of a table or for new images, or judges new texts: `kind` says which. */
export type Model = TableModel | ImageModel | TextModel;

/** What a model may need beside its folder. */
export interface LoadModelOptions {
  /** The network that the module of the run makes, of a run with `model: "FILE.ts"`: no code that a folder names is run. Default: as `model.json` describes it. */
  readonly network?: Network;
  /** The file of the module that made this network, by which sentences call it. Default: they say `network`. */
  readonly module?: string;
}

const loadRules: Rules<LoadModelOptions> = { network: aNetwork, module: text };

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
  options: LoadModelOptions = {},
): Promise<Extract<Model, { readonly kind: Kind }>> {
  demandGiven("loadModel", { run, engine }, { run: text, engine: anEngine });
  if (kind !== undefined) demandGiven("loadModel", { kind }, { kind: oneOf("table", "images", "text") });
  const { network, module } = ownOptions("loadModel", options, loadRules);
  const folder = runFolder(run);
  const document = await readModelDocument(folder.document, folder.path);
  demandKind(kind, document, folder);
  const model = await opened(document, { kind, folder, engine, network, module });
  if (!model) throw none(folder, document);
  return model as Extract<Model, { readonly kind: Kind }>; // demandKind has seen to that
}

/** What a model is opened with. */
interface Opening {
  readonly kind: Model["kind"] | undefined;
  readonly folder: RunFolder;
  readonly engine: Engine;
  readonly network: Network | undefined;
  /** The file of its module, where that was said. */
  readonly module: string | undefined;
}

/** What the network that is given is called in sentences. */
const givenNetwork = ({ module }: Pick<Opening, "module">): string =>
  module === undefined ? `the network that is given as ${optionText("network")}` : madeBy(module);

/** The model of a document; undefined where it answers for nothing here. */
async function opened(document: ModelDocument, opening: Opening): Promise<Model | undefined> {
  const { kind, engine } = opening;
  const asksText = takesText(document);
  const asksRows = takesRows(document) && kind !== "images";
  if (!asksText && !asksRows && !takesImages(document)) return undefined;
  const weights = await weightsOf(document, opening);
  const known = knownNetwork(document, weights, opening);
  await demandSameAnswers(document, known, weights, opening);
  const { params } = weights;
  if (asksText) return textModel(document, openLanguageModel(document, known, params, engine));
  const network = openNetwork(document, known, params, engine);
  if (asksRows) return tableModel(document, network);
  return takesImages(document) ? imageModel(document, network) : undefined;
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

/** The weights of a model, and what to do where the network that is given for them is another. */
interface TrainedWeights {
  readonly params: HostTree;
  readonly mend: string;
}

async function weightsOf(document: ModelDocument, { folder, module }: Opening): Promise<TrainedWeights> {
  const bytes = await onDisk(folder.model, () => readFile(folder.model));
  const { tensors, notes } = decodeTensors(bytes, folder.model);
  demandOwnWeights(document, bytes, folder);
  const mend =
    notes.architecture !== undefined
      ? "use model.onnx, since training chose another architecture than the module makes"
      : !("module" in document.network) || document.network.module === module
        ? "restore the module, and what it imports, as it was"
        : `give that of ${oneLine(document.network.module)}, and what it imports, as it was`;
  return { params: tensors, mend };
}

/** The network that `model.json` describes, or the one that was given for it. @throws {HypertrainError} */
function knownNetwork(
  document: ModelDocument,
  { params, mend }: TrainedWeights,
  { folder, network, module: given }: Opening,
): KnownNetwork {
  const described = describedNetwork(document);
  if (described && network === undefined) return described;
  if (!("module" in document.network)) {
    throw inputError(
      `${optionText("network")} must be left out for ${folder.path}, whose model.json describes its network, but got one; leave it out`,
    );
  }
  const { module, example, outputs } = document.network;
  if (network === undefined) {
    throw inputError(
      `${folder.path} must be loaded with the network that ${oneLine(module)} makes, which no file describes, but got none; give it as ${optionText("network")}, or use model.onnx, which holds the whole way to answers`,
    );
  }
  demandShapes(network, document.ensemble === undefined ? params : firstOf(params), {
    called: givenNetwork({ module: given }),
    mend,
  });
  return { network, inputShape: example, outputs };
}

/** Demands layers whose weights have the names and shapes of those that were trained, of an ensemble in one of its networks. */
function demandShapes(
  { layers }: Network,
  params: HostTree,
  { called, mend }: Pick<TrainedWeights, "mend"> & { readonly called: string },
): void {
  const trained = params as Readonly<Record<string, { readonly weight: HostArray }>>;
  const told = (name: string, shape: readonly number[]) => `"${oneLine(name)}" [${shape.join(", ")}]`;
  const has = layers.map(({ name, weight }) => told(name, weight.shape));
  const wanted = Object.entries(trained).map(([name, { weight }]) => told(name, weight.shape));
  if (has.toSorted().join() === wanted.toSorted().join()) return;
  throw inputError(
    `${called} must have the layers whose weights were trained, ${wanted.join(", ")}, but has ${has.join(", ")}; ${mend}`,
  );
}

/** Demands of the network of a module that it answers as the one that was trained: layers of the same shapes may do otherwise between them. */
async function demandSameAnswers(
  document: ModelDocument,
  known: KnownNetwork,
  { params, mend }: TrainedWeights,
  { folder: { path }, engine, module }: Opening,
): Promise<void> {
  if (!("module" in document.network)) return;
  const { answers } = document.network as Partial<ModuleDocument>;
  if (!answers) {
    throw inputError(
      `${path} must say what its network answered, for that of its module to be held against it, but its model.json does not; write it anew with \`hypertrain resume ${path}\``,
    );
  }
  const called = givenNetwork({ module });
  const x = knownRows(known, { words: document.text !== undefined });
  const now = keptAnswers(
    await answersTo(x, document, known, params, engine).catch(brokenNetwork(called, mend)),
  );
  const change = changedAnswer({ outputs: answers }, { outputs: now });
  if (change) throw otherNetwork(called, change, mend);
}

/** Why there are no answers of a model. */
const none = (folder: RunFolder, document: ModelDocument): HypertrainError =>
  unsaid(folder, document, "use model.onnx") ??
  inputError(
    `${folder.path} must be a run on a table, on images with classes or on a text for its model to answer here, but ${document.data} is none; use model.onnx, which takes the network's own inputs`,
  );

/** Why a model of pixels takes no images; nothing where its inputs are none. @param instead what else to do */
function unsaid(
  { path }: RunFolder,
  { pixels, classes }: ModelDocument,
  instead: string,
): HypertrainError | undefined {
  if (!pixels || !classes) return undefined;
  return inputError(
    `${path} must say what is black and white for its model to take images, but its model.json does not; ${instead}, or train on pixels from 0 for black to 255 for white where some were below 0, else write it anew with \`hypertrain resume ${path}\``,
  );
}
