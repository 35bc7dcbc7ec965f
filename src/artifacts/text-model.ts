import type { Score } from "../api/trace.ts";
import { newText } from "../data/text.ts";
import { demandGiven } from "../util/given.ts";
import { anyText } from "../util/rule.ts";
import type { AskedLanguageModel } from "./asked-network.ts";
import type { ModelDocument } from "./model-document.ts";

/** A trained language model, which says how well it predicts new texts. */
export interface TextModel {
  readonly kind: "text";
  readonly document: ModelDocument & WithText;
  /**
   * How well each token of a text is predicted from those before it: the mean cross-entropy in nats, and the perplexity, its exponential. The text is
   * cut into tokens as that of training was, and read as one, as the run reads its parts.
   *
   * ```ts
   * const { loss, tokens } = await model.score(readFileSync("letters.txt", "utf8"));
   * ```
   *
   * @throws {HypertrainError} for a text of less than two tokens, and for tokens that the model lacks, where it has no `<unk>` for them.
   */
  score(text: string): Promise<ScoredText>;
  /** Frees the engine's memory; a second time does nothing. Afterwards the model cannot be asked. */
  dispose(): void;
}

/** How well a text is predicted. */
export interface ScoredText extends Score {
  /** How many tokens it has; all but the first are predicted. */
  readonly tokens: number;
  /** Which share of them counts as `<unk>`, from 0 to 1. */
  readonly unknown: number;
}

type WithText = Required<Pick<ModelDocument, "text" | "classes">>;

/** Whether a model is one of a text. */
export const takesText = <D extends ModelDocument>(document: D): document is D & WithText =>
  document.text !== undefined && document.classes !== undefined;

/** A model of a text, around its network. */
export function textModel(document: ModelDocument & WithText, network: AskedLanguageModel): TextModel {
  const { text: facts, classes } = document;
  return {
    kind: "text",
    document,
    async score(text) {
      demandGiven("score", { text }, { text: anyText });
      const { dataset, ...tokens } = newText(text, {
        ...{ name: "the text", steps: network.steps, vocabulary: classes },
        ...facts,
      });
      return { ...(await network.score(dataset)), ...tokens };
    },
    dispose: () => network.dispose(),
  };
}
