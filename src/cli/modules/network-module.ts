import type { NamedNetworkOptions } from "../../nn/networks/named.ts";
import { isReserved, reserved } from "../../nn/layer-names.ts";
import type { Layer, WeightSpec } from "../../nn/layer.ts";
import type { EffectPlace, Network } from "../../nn/network.ts";
import { inputError } from "../../util/error.ts";
import { sizeOf } from "../../util/host-array.ts";
import { briefText } from "../../util/brief-text.ts";
import { thrown } from "../../util/thrown.ts";
import { unheard } from "../terminal/interrupt.ts";
import { importDefault, lacks } from "./problem-module.ts";
import { settled } from "./settled.ts";

/** Whether the name of a model is that of a module. */
export const isModule = (model: string): boolean => /\.[cm]?[jt]s$/.test(model);

/**
 * The network that a user's module makes for data: it exports a function of their shape by default.
 *
 * @param data what the data are called, for sentences
 * @throws {HypertrainError} if the module does not load or exports something else.
 */
export async function loadNetwork(
  path: string,
  options: NamedNetworkOptions,
  data: string,
): Promise<Network> {
  const make = await importDefault(path, "--model");
  if (typeof make !== "function") {
    throw inputError(
      `${path} must export by default a function that makes a network of { input, outputs }, but ${make === undefined ? "has no default export" : `exports a value of type ${typeof make}`}; see examples/my-network.ts`,
    );
  }
  const network = await settled(
    () => unheard(() => calling(path, make as NetworkMaker, options, data)),
    (how) =>
      inputError(
        `${path} must make a network for ${data}, but its function ${how === "exits" ? "ended the process; take out what calls process.exit" : "never finished: it awaits what never comes; look at what it awaits"}`,
      ),
    `${path} still makes its network: what its function awaits has not come yet`,
  );
  const lacking = lacks("network", network as object, {
    ...{ name: "string", layers: "object", places: "object" },
    ...{ init: "function", apply: "function" },
  });
  if (lacking.length === 0) return demandShapes(path, demandParts(path, network as Network));
  throw inputError(
    `the function that ${path} exports must return a network { name, layers, places, init, apply }, but what it returned lacks ${lacking.join(", ")}; see examples/my-network.ts`,
  );
}

type NetworkMaker = (options: NamedNetworkOptions) => unknown;

async function calling(
  path: string,
  make: NetworkMaker,
  options: NamedNetworkOptions,
  data: string,
): Promise<unknown> {
  try {
    return await make(options);
  } catch (cause) {
    throw inputError(`${path} must make a network for ${data}, but it threw: ${thrown(cause)}`, { cause });
  }
}

/** Demands lists of layers and of places where effects act, with what is read of each. */
function demandParts(path: string, network: Network): Network {
  for (const list of ["layers", "places"] as const) {
    const parts: unknown = network[list];
    const at = Array.isArray(parts) ? parts.findIndex((part) => !partOf[list](part)) : undefined;
    if (at === -1) continue;
    const got =
      at === undefined ? briefText(parts) : `${briefText((parts as unknown[])[at])} at place ${at + 1}`;
    throw inputError(
      `the ${list} of the network in ${path} must be a list of ${wholePart[list]}, but got ${got}; see examples/my-network.ts`,
    );
  }
  return network;
}

const wholePart = {
  layers: "layers { name, kind, weight, bias, map }, as those of hypertrain/nn are",
  places: "records { name, shape }",
};

const isShape = (shape: unknown): boolean =>
  Array.isArray(shape) && shape.every((side) => typeof side === "number");

const partOf = {
  layers(part: unknown): boolean {
    const { name, kind, weight, map } = (part ?? {}) as Partial<Layer>;
    const { shape, outputAxis, fanIn } = (weight ?? {}) as Partial<WeightSpec>;
    return (
      [name, kind].every((word) => typeof word === "string") &&
      typeof map === "function" &&
      isShape(shape) &&
      [outputAxis, fanIn].every((number) => typeof number === "number")
    );
  },
  places(part: unknown): boolean {
    const { name, shape } = (part ?? {}) as Partial<EffectPlace>;
    return typeof name === "string" && isShape(shape);
  },
};

/** Layers of one name would be one layer, and a weight of nothing none. */
function demandShapes(path: string, network: Network): Network {
  const names = network.layers.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw inputError(
      `the layers of the network in ${path} must have names of their own, but two are called "${twice}"; rename one`,
    );
  }
  const taken = names.find(isReserved);
  if (taken !== undefined) {
    throw inputError(
      `a layer of the network in ${path} must not be called ${reserved}, but got "${taken}"; rename it`,
    );
  }
  const odd = network.layers.find(({ weight }) => !(sizeOf(weight.shape) > 0));
  if (!odd) return network;
  throw inputError(
    `every layer of the network in ${path} must have a weight of whole, positive sides, but that of "${odd.name}" is [${odd.weight.shape.join(", ")}]; look at what it is made of`,
  );
}
