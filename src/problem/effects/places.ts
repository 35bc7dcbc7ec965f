import { placesOf, type Network } from "../../nn/network.ts";
import type { Effect } from "./effect.ts";

/** Where an effect acts that only some networks have a place for, and its names: none where there is no place, so that it is refused there. */
export function atPlaces(effect: string): Required<Pick<Effect, "places" | "names">> {
  const places = (network: Network) => placesOf(network, effect).map(({ name }) => name);
  return {
    places,
    names(network) {
      const found = places(network);
      return found.length === 0 ? [] : [effect, ...found.map((place) => `${effect}.${place}`)];
    },
  };
}
