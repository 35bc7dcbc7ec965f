import { placesOf } from "../../nn/network.ts";
import { dropoutRate } from "./dropout-rate.ts";
import type { Effect } from "./effect.ts";

/** Inverted dropout at the places of a network, with a rate for each example. */
export const dropoutEffect: Effect = {
  name: "dropout",
  about: "the rate at which the elements or channels at a place are dropped",
  ...dropoutRate,
  places: (network) => placesOf(network, "dropout").map(({ name }) => name),
  nowhere: (network) => `something of the network, but ${network.name} has no place of dropout; leave it out`,
};
