import { isOf } from "../../methods/lookup.ts";
import { networkByName, type DefaultHypers } from "./network-by-name.ts";

/** `lstm`. */
export const lstmNetwork = networkByName({
  name: "lstm",
  summary:
    "an embedding, LSTMs of `--hidden` units, the embedding once more as the decoder; dropout between, the same at all steps",
  takes: ["texts"],
  options: ["hidden"],
  papers: [{ label: "Hochreiter and Schmidhuber 1997", url: "https://doi.org/10.1162/neco.1997.9.8.1735" }],
  hypers: ({ method }) => (isOf(method, "search") ? searched : regularisers),
  tuned: "see [text.md](text.md)",
});

/** The regularisers of "Self-tuning networks" but for `dropconnect`, which would have all of them perturbed once a minibatch instead of once an example. */
const regularisers: DefaultHypers = {
  "dropout.*": 0.05,
  "dropout-embedding": 0.05,
  "activation-l2": 0.05,
  "activation-slowness": 0.05,
};

/** The same with the ends that a search must have. */
const searched: DefaultHypers = {
  ...regularisers,
  "activation-l2": { start: 0.05, low: 0.001, high: 10, log: true },
  "activation-slowness": { start: 0.05, low: 0.001, high: 10, log: true },
};
