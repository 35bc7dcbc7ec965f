/**
 * What the hyperparameters of networks do, by the first part of their names: one row each. A new one is a file in `effects/` and a line here.
 */
import { aNetwork, type Network } from "../nn/network.ts";
import { inputError } from "../util/error.ts";
import { augmentationEffects } from "./effects/augmentation.ts";
import { activationL2Effect, activationSlownessEffect } from "./effects/activation-penalty.ts";
import { activationEffect, skipEffect, widthEffect } from "./effects/architecture.ts";
import { dropconnectEffect } from "./effects/dropconnect.ts";
import { dropoutEmbeddingEffect } from "./effects/dropout-embedding.ts";
import { dropoutEffect } from "./effects/dropout.ts";
import type { Effect } from "./effects/effect.ts";
import { l1Effect } from "./effects/l1.ts";
import { l2Effect } from "./effects/l2.ts";
import { demandGiven } from "../util/given.ts";
import { named } from "../util/rule.ts";

/** All of them. */
export const effects: readonly Effect[] = [
  dropoutEffect,
  l2Effect,
  l1Effect,
  widthEffect,
  activationEffect,
  skipEffect,
  dropoutEmbeddingEffect,
  dropconnectEffect,
  activationL2Effect,
  activationSlownessEffect,
  ...augmentationEffects,
];

/** The effect of a hyperparameter; nothing for a name that stands for none. */
export function effectOf(hyper: string): Effect | undefined {
  const [kind] = hyper.split(".");
  return effects.find(({ name }) => name === hyper) ?? effects.find(({ name }) => name === kind);
}

/** The hyperparameter names that a network understands. */
export const hyperNames = (network: Network): string[] =>
  effects.flatMap(({ name, places, names }) =>
    names ? names(network) : [name, ...places(network).map((place) => `${name}.${place}`)],
  );

/**
 * Expands shorthands such as `dropout.*` and `l2.*` to one entry for every place or layer of a network.
 *
 * @throws {HypertrainError} where a network has none.
 */
export function expandHypers<T>(network: Network, entries: Readonly<Record<string, T>>): Record<string, T> {
  demandGiven("expandHypers", { network, entries }, { network: aNetwork, entries: named("hyperparameters") });
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, value]) => {
      const effect = effects.find((candidate) => name === `${candidate.name}.*`);
      if (!effect) return [[name, value] as [string, T]];
      const places = effect.places(network);
      if (places.length > 0) return places.map((place): [string, T] => [`${effect.name}.${place}`, value]);
      throw inputError(`"${name}" must stand for ${effect.nowhere(network)}`);
    }),
  );
}
