import type { Network } from "../../nn/network.ts";
import { architecturePlaces } from "../architecture.ts";
import type { Effect } from "./effect.ts";

/** The units of a hidden layer. */
export const widthEffect = architectureEffect("width", "the units of a hidden layer", {
  low: 1,
  log: false,
  discrete: true,
});

/** The activation of a hidden layer. */
export const activationEffect = architectureEffect("activation", "the activation of a hidden layer");

/** A residual connection around a hidden layer behind the first. */
export const skipEffect = architectureEffect("skip", "a residual connection around a hidden layer");

/** A choice of architecture, which `architecture.ts` carries out. */
function architectureEffect(name: string, about: string, range: Effect["range"] = { log: false }): Effect {
  const places = (network: Network) => architecturePlaces(network, name);
  return {
    ...{ name, about, range, places },
    names: (network) => {
      const found = places(network);
      return found.length === 0 ? [] : [name, ...found.map((place) => `${name}.${place}`)];
    },
    nowhere: ({ name: title, opened, layers }) =>
      opened
        ? `a hidden layer${name === "skip" ? " behind the first" : ""}, but the network has ${layers.length - 1}; leave it out, or add hidden layers`
        : `something of the network, but ${title} has an architecture of its own; leave it out`,
  };
}
