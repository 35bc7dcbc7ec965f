import type { SupervisedData } from "../data/supervised-data.ts";
import { mlp } from "../nn/mlp.ts";
import type { Network } from "../nn/network.ts";
import { simpleCnn, type NamedNetworkOptions } from "../nn/networks/simple-cnn.ts";
import { inputError } from "../util/error.ts";
import { sizeOf } from "../util/host-array.ts";
import type { Config } from "./config.ts";
import { defaultHypers, type HyperConfigs } from "./hypers.ts";

/** A network by name. */
interface NamedNetwork {
  readonly make: (options: NamedNetworkOptions) => Network;
  /** What is tuned unless a configuration says otherwise. */
  readonly hypers: HyperConfigs;
}

/** Networks for images. */
const imageNetworks: Readonly<Partial<Record<Config["model"], NamedNetwork>>> = {
  "simple-cnn": { make: simpleCnn, hypers: { "dropout.*": 0.05 } },
};

/**
 * The network of a configuration.
 *
 * @throws {HypertrainError} where it does not go with the data, or with other fields.
 */
export function networkOf(config: Config, data: SupervisedData): Network {
  const named = imageNetworks[config.model];
  if (!named) {
    return mlp({ inputs: sizeOf(data.inputShape), hidden: hiddenOf(config), outputs: data.outputs });
  }
  if (config.hidden !== undefined) {
    throw inputError(
      `--hidden must be left out for ${config.model}, whose layers are its own, but got ${config.hidden.join(",")}; leave it out, or take --model mlp`,
    );
  }
  return named.make({ input: imageOf(data, config.model), outputs: data.outputs });
}

/** What is tuned unless a configuration says otherwise. */
export const hypersFor = ({ model }: Pick<Config, "model">): HyperConfigs =>
  imageNetworks[model]?.hypers ?? defaultHypers;

function imageOf({ name, image, inputShape }: SupervisedData, model: string): readonly number[] {
  const shape = image ?? inputShape;
  if (shape.length === 3) return shape;
  throw inputError(
    `--model ${model} must have images [channels, height, width], but ${name} has examples of shape [${inputShape.join(", ")}]; take digits, mnist or fashion-mnist, or --model mlp`,
  );
}

function hiddenOf({ model, hidden }: Config): readonly number[] {
  if (model === "mlp") return hidden ?? [128, 128];
  if (hidden === undefined || hidden.length === 0) return [];
  throw inputError(
    `--hidden must be left out for the linear model, which has no hidden layer, but got ${hidden.join(",")}`,
  );
}
