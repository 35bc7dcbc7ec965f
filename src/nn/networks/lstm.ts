import { inputError } from "../../util/error.ts";
import { optionText } from "../../util/option-text.ts";
import type { Network } from "../network.ts";
import { sequential } from "../sequential.ts";
import { ownOptions } from "../../util/given.ts";
import { count, listOf, needed } from "../../util/rule.ts";

/** The architecture of a language model. */
export interface LanguageModelOptions {
  /** Tokens of an example. */
  readonly steps: number;
  /** The number of different tokens. */
  readonly words: number;
  /** Units of each LSTM; the vectors of the words are as long as the last has units. */
  readonly hidden: readonly number[];
}

/**
 * A language model: an embedding, LSTMs on top of each other, and the embedding's weight once more as the decoder; each with a dropout behind it that
 * is the same at all steps, and penalties on what the last LSTM gives: on its changes before that dropout, on its size behind it. With two layers of 650 units and 10,000 words it is that of "Self-tuning networks" (MacKay et al. 2019), with
 * 13,280,400 parameters.
 *
 * @throws {HypertrainError} without a layer, for a size that is no positive integer, or an option that is none of these.
 */
export function lstmLanguageModel(options: LanguageModelOptions): Network {
  const { steps, words, hidden } = ownOptions("lstmLanguageModel", options, {
    ...{ steps: needed(count), words: needed(count), hidden: needed(listOf(count)) },
  });
  const last = hidden.at(-1);
  if (last === undefined) {
    throw inputError(
      `the network lstm must have at least one layer, but got none; give for example ${optionText("hidden", [128, 128])}`,
    );
  }
  return sequential({
    name: "lstm",
    input: [steps],
    outputs: words,
    perStep: true,
    layers: [
      { layer: "embedding", name: "embedding", outputs: last },
      { layer: "sequence-dropout" },
      ...hidden
        .slice(0, -1)
        .flatMap((units) => [{ layer: "lstm", units }, { layer: "sequence-dropout" }] as const),
      { layer: "lstm", units: last },
      { layer: "activation-slowness" },
      { layer: "sequence-dropout" },
      { layer: "activation-l2" },
      { layer: "tied-linear", name: "decoder" },
    ],
  });
}
