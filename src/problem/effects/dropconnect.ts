import { dropoutRate } from "./dropout-rate.ts";
import type { Effect } from "./effect.ts";
import { atPlaces } from "./places.ts";

/**
 * Dropout of the weights by which an LSTM's hidden state feeds back, one draw a minibatch and the same for the weights and for the direction in which they
 * respond (Merity, Keskar and Socher 2018, "weight-dropped LSTM").
 */
export const dropconnectEffect: Effect = {
  name: "dropconnect",
  about: "the rate at which the weights from an LSTM's hidden state to itself are dropped",
  ...dropoutRate,
  ...atPlaces("dropconnect"),
  nowhere: (network) => `an LSTM, but ${network.name} has none; leave it out`,
  perMinibatch: true,
};
