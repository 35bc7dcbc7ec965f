import type { numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { activationNames, type ActivationName } from "../nn/activation.ts";
import type { Layers } from "../nn/layer.ts";
import type {
  ByLayer,
  ApplyEffect,
  LayerChoice,
  LayerChoiceArrays,
  Network,
  OpenLayer,
} from "../nn/network.ts";
import type { ChoiceHyper } from "../space/values.ts";
import type { Hyper, HyperValues } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";
import type { RandomKey } from "../util/random.ts";
import type { Hypers } from "./problem.ts";

/** A network of which some hyperparameters choose the architecture. */
export interface SearchedNetwork {
  /** Those hyperparameters. */
  readonly names: readonly string[];
  /** The largest of its networks. */
  readonly largest: Network;
  /** The initial parameters at values: those of the plain network, 0 elsewhere. */
  init(key: RandomKey, values: Readonly<HyperValues>): HostTree;
  /** The outputs [rows, outputs]. Consumes x, borrows the hyperparameters. */
  apply(layers: Layers, x: np.Array, act: ApplyEffect, hypers: Hypers): np.Array;
  /** The parameters with 0 where an architecture uses none. Consumes them, borrows the hyperparameters. */
  masked(params: ArrayTree, hypers: Hypers): ArrayTree;
  /** The network of one architecture. */
  plain(values: Readonly<HyperValues>): Network;
  /** The parameters that it has of these. */
  cropped(params: HostTree, values: Readonly<HyperValues>): HostTree;
}

/** The names of hyperparameters that choose the architecture of a network; none where it cannot be searched. */
const architectureNames = (network: Network): string[] =>
  kindNames.flatMap((kind) => {
    const places = architecturePlaces(network, kind);
    return places.length === 0 ? [] : [kind, ...places.map((place) => `${kind}.${place}`)];
  });

/** Whether a hyperparameter of this name chooses the architecture. */
export const choosesArchitecture = (hyper: string): boolean =>
  Object.hasOwn(kinds, hyper.split(".")[0] as string);

/** The hidden layers of which something can be chosen: all, but residual connections only behind the first. */
export const architecturePlaces = (network: Network, kind: string): readonly string[] => {
  if (!network.opened || !Object.hasOwn(kinds, kind)) return [];
  return network.layers.slice(kind === "skip" ? 1 : 0, -1).map(({ name }) => name);
};

/**
 * The network with its architecture open where hyperparameters named `width`, `activation` or `skip` say so; `.LAYER` behind a
 * name wins over the name alone.
 *
 * @returns nothing where no hyperparameter does
 * @throws {HypertrainError} for one of the wrong kind: a width is an integer from 1 on, an activation a choice among known names,
 *   a skip a choice of true and false.
 */
export function searchedNetwork(
  network: Network,
  hypers: Readonly<Record<string, Hyper>>,
): SearchedNetwork | undefined {
  const named = Object.keys(hypers).filter((name) => architectureNames(network).includes(name));
  if (named.length === 0 || !network.opened) return undefined;
  for (const name of named) demandKind(name, hypers[name] as Hyper);

  /** Something of every hyperparameter that is in force somewhere. */
  const byLayer = <T>(of: (hyper: string, kind: Kind) => T): ByLayer<Partial<Record<Kind, T>>> =>
    Object.fromEntries(
      architecturePlaces(network, "width").map((layer) => {
        const entries = kindNames.flatMap((kind): [Kind, T][] => {
          if (!architecturePlaces(network, kind).includes(layer)) return [];
          const name = [`${kind}.${layer}`, kind].find((candidate) => candidate in hypers);
          return name === undefined ? [] : [[kind, of(name, kind)]];
        });
        return [layer, Object.fromEntries(entries)];
      }),
    );
  const open = byLayer((name, kind) => kinds[kind].open(hypers[name] as never));
  const choices = (values: Readonly<HyperValues>) => byLayer((name) => values[name]) as ByLayer<LayerChoice>;
  const arrays = (values: Hypers) =>
    byLayer((name, kind) =>
      kinds[kind].array(values[name] as np.Array, hypers[name] as never),
    ) as ByLayer<LayerChoiceArrays>;
  const all = network.opened(open as ByLayer<OpenLayer>);
  return {
    names: named,
    largest: all.largest,
    init: (key, values) => all.init(key, choices(values)),
    apply: (layers, x, act, values) => all.apply(layers, x, act, arrays(values)),
    masked: (params, values) => all.masked(params, arrays(values)),
    plain: (values) => all.plain(choices(values)),
    cropped: (params, values) => all.cropped(params, choices(values)),
  };
}

type Kind = "width" | "activation" | "skip";

/** What each kind of hyperparameter must be, what it opens, and what programs make of its array, which they borrow. */
const kinds = {
  width: {
    must: "an integer from 1 on, such as width.fc1=64:8..128",
    fits: (hyper: Hyper) => hyper.kind === "integer" && hyper.low >= 1 && hyper.shape.length === 0,
    open: ({ high }: Extract<Hyper, { kind: "integer" }>) => high,
    array: (units: np.Array) => units,
  },
  activation: {
    must: `a choice among ${activationNames.join(", ")}`,
    fits: (hyper: Hyper) =>
      hyper.kind === "choice" &&
      hyper.options.every((name) => activationNames.includes(name as ActivationName)),
    open: ({ options }: ChoiceHyper) => options as readonly ActivationName[],
    array: (index: np.Array) => index,
  },
  skip: {
    must: "a choice of false and true",
    fits: (hyper: Hyper) => hyper.kind === "choice" && hyper.options.every((on) => typeof on === "boolean"),
    open: ({ options }: ChoiceHyper) => options.includes(true),
    /** The option's index, or where `true` comes first 1 less the index. */
    array: (index: np.Array, { options: [first] }: ChoiceHyper) =>
      first === true ? index.ref.mul(-1).add(1) : index,
  },
} satisfies Record<Kind, unknown>;

const kindNames = Object.keys(kinds) as readonly Kind[]; // the keys of the literal above

function demandKind(name: string, hyper: Hyper): void {
  const { must, fits } = kinds[name.split(".")[0] as Kind];
  if (fits(hyper)) return;
  const got =
    hyper.kind === "choice"
      ? `a choice among ${hyper.options.join(", ")}`
      : `${hyper.kind === "integer" ? "an integer" : "a real"} from ${hyper.low}`;
  throw inputError(`"${name}" must be ${must}, but is ${got}; give it as such`);
}
