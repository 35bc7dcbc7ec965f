import { rm } from "node:fs/promises";

import type { TracePoint } from "../api/trace.ts";
import { anEngine, aPrecision, type Engine, type Precision } from "../engine/engine.ts";
import { serialize, type OnnxModel } from "../engine/onnx/model.ts";
import type { NetworkDescription } from "../nn/network.ts";
import { aTask, type ArchitectureSpace, type Task } from "../problem/problem.ts";
import { firstOf } from "../problem/folds.ts";
import { defaultLoss, type LossName } from "../problem/example-losses.ts";
import type { HyperValues } from "../space/space.ts";
import type { HostArray, HostTree } from "../util/host-array.ts";
import { mapValues } from "../util/record.ts";
import { modelCheck } from "./check-model.ts";
import { writeWhole } from "./disk.ts";
import { aRunFolder, type RunFolder } from "./run-folder.ts";
import { encodeTensors } from "../util/safetensors.ts";
import {
  imageInputOf,
  modelDocumentText,
  perceptronDocument,
  unitsOf,
  weightsSum,
  type DataFacts,
  type ModelDocument,
  type ModuleDocument,
} from "./model-document.ts";
import { keptAnswers, knownRows } from "./module-answers.ts";
import { wholeWay, type WholeWay } from "./whole-way.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { functionOf, named, needed, objectWith, text, type Rules } from "../util/rule.ts";
import { networkOf, tryExport, answersOf, outputsFor } from "./evaluated-network.ts";

/** A network at its best point. */
export interface TrainedModel {
  readonly task: Task;
  readonly method: string;
  readonly precision: Precision;
  /** What it was trained by, which the ONNX files are held against. */
  readonly engine: Engine;
  readonly params: HostTree;
  readonly best: TracePoint;
  /** What new rows need; absent for a problem of one's own. */
  readonly supervised?: {
    readonly data: DataFacts;
    /** What it was trained on; default that of a task of `supervised`, else the usual one for these data. */
    readonly loss?: LossName;
    /** Absent for a multilayer perceptron. */
    readonly network?: NetworkDescription | Omit<ModuleDocument, "answers">;
  };
  /** What was chosen, as JSON, where something was. */
  readonly architecture?: string;
  /** What else the files are to say of it. */
  readonly facts?: Pick<ModelDocument, "split" | "versions">;
}

const modelRules: Rules<TrainedModel> = {
  ...{ task: needed(aTask), method: needed(text), precision: needed(aPrecision), engine: needed(anEngine) },
  ...{
    params: needed(named("parameters")),
    best: needed(objectWith<TracePoint>("a trace point", { valid: "object" })),
  },
  supervised: objectWith<NonNullable<TrainedModel["supervised"]>>("the data, such as { data }", {
    data: "object",
  }),
  ...{ architecture: text, facts: named("facts") },
};

/**
 * Writes the trained model for other programs: the network's weights as `model.safetensors`, the network with them as
 * `model-core.onnx`, the whole way from rows as they stand in a file to answers as `model.onnx`, and what it takes and answers as
 * `model.json`. A problem of one's own has no other way than its network. Of a network whose architecture was chosen, all hold that
 * architecture alone.
 *
 * @param note is told in one sentence what other programs cannot do with it
 * @throws {HypertrainError} for what is no run folder, or no trained network.
 */
export async function writeTrainedModel(
  folder: RunFolder,
  whole: TrainedModel,
  note: (line: string) => void,
): Promise<void> {
  demandGiven(
    "writeTrainedModel",
    { folder, note },
    { folder: aRunFolder, note: functionOf("of a sentence") },
  );
  const own = withLoss(ownOptions("writeTrainedModel", whole, modelRules));
  const { architecture } = own.task.problem;
  const trained = architecture ? aloneOf(own, architecture) : own;
  const bytes = weightsFile(trained);
  const marks = { weights: weightsSum(bytes), answers: await moduleAnswers(trained) };
  const { document, files, oneRow } = await modelFiles(folder, trained, marks);
  await writeWhole(folder.model, bytes);
  if (document) await writeWhole(folder.document, modelDocumentText(document));
  for (const { path, content } of files) {
    if (content instanceof Uint8Array) await writeWhole(path, content);
    else await rm(path, { force: true }); // it may be of another point
  }
  for (const line of new Set(
    files.flatMap(({ path, content }) =>
      content instanceof Uint8Array ? [] : [`${path} is left out: ${content.why}`],
    ),
  ))
    note(line);
  if (oneRow)
    note(`${folder.onnx} takes one row at a time: the prediction is another graph for every number of rows`);
}

/** What a model is known again by: the checksum of its weights, and what the network of a module answers. */
type Marks = Pick<ModelDocument, "weights"> & Pick<ModuleDocument, "answers">;

/** An ONNX file, or why there is none. */
interface ModelFile {
  readonly path: string;
  readonly content: Uint8Array | { readonly why: string };
}

/** The ONNX files, and what `model.json` says of them. Each is opened and asked once; what does not answer as the network does is left out. */
async function modelFiles(
  { onnx, coreOnnx }: RunFolder,
  trained: NamedLoss,
  marks: Marks,
): Promise<{ document: ModelDocument | undefined; files: readonly ModelFile[]; oneRow?: boolean }> {
  const network = networkOf(trained);
  const core = tryExport(network, trained);
  if (core instanceof Error) {
    const why = core.message.split("\n")[0] as string;
    const files = [onnx, coreOnnx].map((path) => ({ path, content: { why } }));
    return { document: documentOf(trained, marks), files };
  }
  const { supervised } = trained;
  const way = supervised && wayOf(core.model, supervised);
  const document = documentOf(trained, marks, way);
  const metadata = metadataOf(document ?? { method: trained.method });
  const check = await modelCheck(await answersOf(network, trained, core.rows));
  const coreBytes = serialize({ ...core.model, metadata });
  const coreFault = await check?.core(coreBytes, core.model);
  const contentOf = (bytes: Uint8Array, why: string | undefined) => (why === undefined ? bytes : { why });
  const coreFile = { path: coreOnnx, content: contentOf(coreBytes, coreFault) };
  const oneRow = core.rows === 1;
  if (!way) return { document, files: [{ ...coreFile, path: onnx }, coreFile], oneRow };
  const bytes = serialize({ ...way.model, metadata });
  const fault = await check?.way(bytes, way, { ...supervised.data, loss: supervised.loss });
  return {
    document: fault === undefined ? document : documentOf(trained, marks),
    files: [{ path: onnx, content: contentOf(bytes, fault) }, coreFile],
    oneRow: oneRow && fault === undefined,
  };
}

/** The whole way to the network; none for tokens of a text, which are numbers already. */
const wayOf = (
  network: OnnxModel,
  { data, loss }: NonNullable<NamedLoss["supervised"]>,
): WholeWay | undefined => (data.perStep ? undefined : wholeWay(network, { ...data, loss }));

/** A trained model that says its loss. */
type NamedLoss = TrainedModel & {
  readonly supervised?: NonNullable<TrainedModel["supervised"]> & { readonly loss: LossName };
};

function withLoss({ supervised, ...others }: TrainedModel): NamedLoss {
  if (!supervised) return others;
  const { lossName = defaultLoss(supervised.data) } = others.task.problem;
  return { ...others, supervised: { ...supervised, loss: supervised.loss ?? lossName } };
}

/** What the files say of themselves, by name: texts as they are, all else as JSON. What the graph itself says is left out. */
const metadataOf = (facts: Partial<ModelDocument>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(facts)
      .filter(([name]) => name !== "encoding" && name !== "network")
      .map(([name, value]) => [
        `hypertrain.${name}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
  );

/** The network of the architecture at the best point, which is all that a reader of the files needs. */
function aloneOf(whole: NamedLoss, { names, alone, cropped }: ArchitectureSpace): NamedLoss {
  const { task, params, best } = whole;
  const values = mapValues(best.hyperparameters, ({ value }) => value) as HyperValues;
  const problem = alone(values);
  const others = Object.entries(best.hyperparameters).filter(([name]) => name in problem.space.hypers);
  return {
    ...whole,
    task: { ...task, problem },
    params: cropped(params, values),
    best: { ...best, hyperparameters: Object.fromEntries(others) },
    architecture: JSON.stringify(Object.fromEntries(names.map((name) => [name, values[name]]))),
  };
}

function documentOf(
  { task: { problem }, supervised, params, method, best, architecture, facts }: NamedLoss,
  { weights, answers }: Marks,
  way?: WholeWay,
): ModelDocument | undefined {
  if (!supervised) return undefined;
  const { data, loss } = supervised;
  const { name, task, classes, encoding } = data;
  const images = imageInputOf(data);
  const { models = 1 } = problem;
  const { epoch, valid, test } = best;
  const chosen = architecture === undefined ? {} : (JSON.parse(architecture) as Record<string, unknown>);
  return {
    format: "hypertrain model 3",
    ...{ data: name, task, loss, method },
    network:
      networkDocument(supervised.network, answers) ??
      perceptronDocument(models > 1 ? firstOf(params) : params, chosen),
    ...(models > 1 && { ensemble: models }),
    weights,
    ...(classes && { classes }),
    ...(encoding && { encoding }),
    ...(data.images && { pixels: data.images.scale }),
    ...(images && { images }),
    ...(data.text && { text: { tokens: data.text.tokens } }),
    ...(way && { onnx: { inputs: way.inputs, outputs: way.outputs } }),
    units: unitsOf(data, loss),
    ...facts,
    best: { epoch, valid, ...(test && { test }) },
  };
}

const networkDocument = (
  network: NonNullable<TrainedModel["supervised"]>["network"],
  answers: ModuleDocument["answers"],
): NetworkDescription | ModuleDocument | undefined =>
  network && "module" in network ? { ...network, answers } : network;

const weightsFile = ({ params, method, best, architecture }: TrainedModel): Uint8Array =>
  encodeTensors({
    tensors: params,
    notes: {
      format: "hypertrain model",
      method,
      epoch: String(best.epoch),
      validationLoss: String(best.valid.loss),
      ...(architecture !== undefined && { architecture }),
    },
  });

/** What the network of a module answers for the rows that it is known again by; nothing of another. */
async function moduleAnswers(trained: TrainedModel): Promise<ModuleDocument["answers"]> {
  const { network, data } = trained.supervised ?? {};
  if (!network || !("module" in network)) return [];
  const x = knownRows({ ...network, inputShape: network.example }, { words: data?.text !== undefined });
  const [outputs] = await outputsFor({ x }, networkOf(trained), trained);
  return keptAnswers(outputs as HostArray);
}
