import type { Score } from "../api/trace.ts";
import { newText, promptOf } from "../data/text.ts";
import { textAfter } from "../data/text-tokens.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { streamKey, uniformsAt } from "../util/random.ts";
import { anyText, fromZero, functionOf, integer, type Rules } from "../util/rule.ts";
import type { AskedLanguageModel } from "./asked-network.ts";
import type { ModelDocument } from "./model-document.ts";
import { nextToken } from "./next-token.ts";

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
  /**
   * Continues a text: draws one token after the other by the network's outputs for it, as {@link score} has it read all before it.
   *
   * ```ts
   * const { text } = await model.generate("It was a dark and", { length: 100, temperature: 0.7, seed: 3 });
   * ```
   *
   * @throws {HypertrainError} for a text without a token, for tokens that the model lacks, where it has no `<unk>` for them, and for an option that is none.
   */
  generate(text: string, options?: GenerateOptions): Promise<GeneratedText>;
  /** Frees the engine's memory; a second time does nothing. Afterwards the model cannot be asked. */
  dispose(): void;
}

/** How a text is continued. */
export interface GenerateOptions {
  /** How many tokens are added, at most 100,000, all of which are kept until the end; for more, continue what came of it. Default 200. */
  readonly length?: number;
  /** What the outputs are divided by before they are probabilities: 1, the default, draws with those of the model, less with more of the likeliest, and 0 takes the likeliest. */
  readonly temperature?: number;
  /** What the draws follow from; default 0. */
  readonly seed?: number;
  /** Is told what each token adds to the text, as soon as it is drawn. */
  readonly onText?: (added: string) => void;
}

/** What {@link GenerateOptions} must be. */
export const generateRules = {
  length: integer(1, 100_000),
  temperature: fromZero,
  seed: integer(0),
  onText: functionOf("that is told what is added"),
} satisfies Rules<GenerateOptions>;

/** What was added to a text. */
export interface GeneratedText {
  /** To be put behind the text that was given: words with blanks between them, `<eos>` as the end of a line. */
  readonly text: string;
  readonly tokens: readonly string[];
  /** Which share of the tokens of the text that was given counts as `<unk>`, from 0 to 1. */
  readonly unknown: number;
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
    async generate(text, options = {}) {
      demandGiven("generate", { text }, { text: anyText });
      const given = ownOptions("generate", options, generateRules);
      const { length = 200, temperature = 1, seed = 0, onText } = given;
      const reader = network.reader();
      const key = streamKey(seed, "generated text");
      const tokens: string[] = [];
      const added: string[] = [];
      const prompt = promptOf(text, { name: "the text", vocabulary: classes, ...facts });
      let unread = prompt.numbers;
      for (let i = 0; i < length; i++) {
        const uniform = uniformsAt(key, i, 1)[0] as number; // of one
        const token = nextToken(await reader.read(unread), temperature, uniform);
        const drawn = classes[token] as string;
        tokens.push(drawn);
        added.push(textAfter(added.at(-1) ?? text, [drawn], facts.tokens));
        onText?.(added.at(-1) as string);
        unread = Int32Array.of(token);
      }
      return { tokens, text: added.join(""), unknown: prompt.unknown / prompt.numbers.length };
    },
    dispose: () => network.dispose(),
  };
}
