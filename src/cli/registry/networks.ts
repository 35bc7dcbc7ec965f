import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { onDisk } from "../../artifacts/disk.ts";
import type { SupervisedData } from "../../data/supervised-data.ts";
import { mlp } from "../../nn/mlp.ts";
import { placesOf, type Network } from "../../nn/network.ts";
import { alexnet } from "../../nn/networks/alexnet.ts";
import { languageTransformer } from "../../nn/networks/language-transformer.ts";
import { lstmLanguageModel } from "../../nn/networks/lstm.ts";
import { resnet18, type ResnetOptions } from "../../nn/networks/resnet18.ts";
import { simpleCnn } from "../../nn/networks/simple-cnn.ts";
import { transformer } from "../../nn/networks/transformer.ts";
import { vgg16 } from "../../nn/networks/vgg16.ts";
import { wideAndDeep } from "../../nn/networks/wide-and-deep.ts";
import { sequential, type SequentialOptions } from "../../nn/sequential.ts";
import { demandWords } from "../../problem/supervised-demands.ts";
import { HypertrainError, inputError } from "../../util/error.ts";
import { sizeOf } from "../../util/host-array.ts";
import { parseJson } from "../../util/json.ts";
import { briefText } from "../../util/brief-text.ts";
import { isText, type Config } from "../config/config.ts";
import type { HyperConfigs } from "../config/hypers.ts";
import { isModule, loadNetwork } from "../modules/network-module.ts";
import { networkOfName, networksWith, usualHidden, type NetworkName } from "../networks/network-names.ts";
import { defaultHypers } from "../networks/default-hypers.ts";
import type { DataSizes, NetworkOption } from "../networks/network-by-name.ts";

/** Networks that are made of the shape of their input. */
const imageNetworks: Readonly<Partial<Record<string, (options: ResnetOptions) => Network>>> = {
  "simple-cnn": simpleCnn,
  alexnet,
  vgg16,
  resnet18,
  transformer,
} satisfies Partial<Record<NetworkName, unknown>>;

/**
 * The network of a configuration.
 *
 * @throws {HypertrainError} where it does not go with the data, or with other fields.
 */
export async function networkOf(config: Config, data: SupervisedData): Promise<Network> {
  const { model, hidden, width, norm } = config;
  const { outputs } = data;
  const make = imageNetworks[model];
  const has = (option: NetworkOption) => networkOfName(model)?.options.includes(option) ?? false;
  if (width !== undefined && !has("width")) {
    throw inputError(
      `--width must come with one of the networks by name ${networksWith("width").join(", ")}, but got ${width} for --model ${model}; leave it out`,
    );
  }
  if (norm !== undefined && !has("norm")) {
    throw inputError(
      `--norm must come with --model ${networksWith("norm").join(" or ")}, but got ${norm} for ${model}; leave it out`,
    );
  }
  if (model === "lstm") return languageModel(config, data);
  if (hidden !== undefined && !isOnVectors(model)) {
    throw inputError(
      `--hidden must be left out for ${model}, whose layers are its own, but got ${hidden.join(",")}; leave it out, or take --model ${data.perStep ? "lstm" : "mlp"}`,
    );
  }
  if (data.perStep && model === "transformer") {
    const options = { steps: data.inputShape[0] as number, words: data.outputs };
    return languageTransformer({ ...options, ...(width !== undefined && { width }) });
  }
  if (data.perStep && (isOnVectors(model) || imageNetworks[model])) {
    throw inputError(
      `--model must be lstm, transformer or a FILE.json for the text ${data.name}, whose every token is predicted, but got ${model}; give --model lstm`,
    );
  }
  if (isOnVectors(model)) {
    const sizes = { inputs: sizeOf(data.inputShape), hidden: hiddenOf(config), outputs };
    return model === "wide-and-deep" ? wideAndDeep(sizes) : mlp(sizes);
  }
  if (isModule(model))
    return loadNetwork(model, { input: data.images?.shape ?? data.inputShape, outputs }, data.name);
  if (!make) return networkIn(model, data);
  const input = model === "transformer" ? (data.images?.shape ?? data.inputShape) : imageOf(data, model);
  const options = { input, outputs, ...(norm && { norm }) };
  return make({ ...options, ...(width !== undefined && { width }) });
}

function languageModel({ hidden = [...usualHidden] }: Config, data: SupervisedData): Network {
  if (data.perStep) {
    return lstmLanguageModel({ steps: data.inputShape[0] as number, words: data.outputs, hidden });
  }
  throw inputError(
    `--model lstm must have a text to predict, but ${data.name} is none; take --data text or ptb, or put a step "lstm" into a FILE.json`,
  );
}

/** What is tuned unless a configuration says otherwise; nothing where only the network, or the data, can tell. */
export const hypersFor = (
  config: Pick<Config, "model" | "data" | "method">,
  data?: SupervisedData,
): HyperConfigs | undefined =>
  networkOfName(config.model)?.hypers({
    ...{ data: config.data, method: config.method, text: isText(config) },
    ...(data && { sizes: sizesOf(data) }),
  });

/** How large data is, for what follows it. */
export const sizesOf = ({ inputShape, outputs, task, splits }: SupervisedData): DataSizes => ({
  inputs: sizeOf(inputShape),
  outputs,
  classes: task === "classification",
  rows: splits.train.rows,
});

/** What is tuned of a network unless a configuration says otherwise: of one in a file, all places of dropout and all layers. */
export const hypersOfNetwork = (
  config: Pick<Config, "model" | "data" | "method">,
  network: Network,
  data: SupervisedData,
): HyperConfigs => {
  const { "l2.*": decay } = defaultHypers;
  return (
    hypersFor(config, data) ?? (placesOf(network, "dropout").length === 0 ? { "l2.*": decay } : defaultHypers)
  );
};

/** The network whose layers a file lists. */
async function networkIn(path: string, data: SupervisedData): Promise<Network> {
  if (!existsSync(path)) {
    throw inputError(`--model must name a file that exists, but there is no ${path}; check the path`);
  }
  const document = parseJson(await onDisk(path, () => readFile(path, "utf8")), path);
  const layers = Array.isArray(document) ? document : (document as { layers?: unknown } | null)?.layers;
  if (layers === undefined) {
    throw inputError(
      `${path} must hold a list of layers, or { "layers": [...] } with one, but got ${briefText(document)}; see docs/networks.md`,
    );
  }
  const others = Array.isArray(document) ? [] : Object.keys(document ?? {}).filter((key) => key !== "layers");
  if (others.length > 0) {
    throw inputError(
      `${path} must have nothing beside "layers", but got ${briefText(others[0])}; leave it out`,
    );
  }
  const input = data.images?.shape ?? data.inputShape;
  try {
    const network = sequential({
      name: "network",
      input,
      outputs: data.outputs,
      ...(data.perStep && { perStep: true }),
      layers: layers as SequentialOptions["layers"],
    });
    demandWords(data, network);
    return network;
  } catch (error) {
    if (!(error instanceof HypertrainError)) throw error;
    throw inputError(`${path} must hold a network for ${data.name}, but ${error.message}`, { cause: error });
  }
}

function imageOf({ name, images, inputShape }: SupervisedData, model: string): readonly number[] {
  const shape = images?.shape ?? inputShape;
  if (shape.length === 3) return shape;
  throw inputError(
    `--model ${model} must have images [channels, height, width], but ${name} has examples of shape [${inputShape.join(", ")}]; take digits, mnist, a table with a column for each pixel (pixel0, pixel1, …), or --model mlp`,
  );
}

/** Whether a network by name takes an example as one vector, whatever its shape. */
const isOnVectors = (model: string): boolean => ["mlp", "linear", "wide-and-deep"].includes(model);

function hiddenOf({ model, hidden }: Config): readonly number[] {
  if (model !== "linear") return hidden ?? usualHidden;
  if (hidden === undefined || hidden.length === 0) return [];
  throw inputError(
    `--hidden must be left out for the linear model, which has no hidden layer, but got ${hidden.join(",")}`,
  );
}
