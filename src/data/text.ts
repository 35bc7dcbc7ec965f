import type { TokenShare } from "../api/examples-report.ts";
import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { oneLine } from "../util/text.ts";
import type { Dataset } from "./dataset.ts";
import { sizeRules, type PartSizes } from "./part-sizes.ts";
import { tailSplit } from "./split.ts";
import type { SupervisedData } from "./supervised-data.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { anyText, count, flag, integer, needed, oneOf, optionsOf, text, type Rules } from "../util/rule.ts";
import { vocabularyOf, UNKNOWN, tokensOf, type TokenKind, type TokenParts } from "./text-tokens.ts";
import { windows, tooShort, rowsOf } from "./token-rows.ts";

/** The parts of a text; where only one is given, the others are cut off its end. */
export interface TextParts {
  readonly train: string;
  readonly valid?: string;
  readonly test?: string;
}

/** How a text becomes examples. */
export interface TextOptions extends PartSizes {
  readonly name: string;
  /** Tokens of an example: as far as training looks back. */
  readonly steps: number;
  readonly tokens: TokenKind;
  /** The most different tokens, of which the rarest become `<unk>`; default 10,000. */
  readonly vocabulary?: number;
  /** Whether the validation part trains as well, behind the training part; default false. */
  readonly joined?: boolean;
}

const partRules: Rules<TextParts> = { train: needed(anyText), valid: anyText, test: anyText };

/** What {@link TextOptions} must be. */
export const textRules = {
  ...{ ...sizeRules, name: needed(text), steps: needed(count), vocabulary: integer(2), joined: flag },
  tokens: needed(oneOf("word", "character")),
} satisfies Rules<TextOptions>;

/**
 * A text as examples of `steps` tokens in a row, x: [rows, steps] int32, with the token behind each as its class, y: [rows, steps].
 *
 * Rows follow each other as the text does, without a gap; what is left over at the end of the training part is not seen, of the others it is a row with
 * steps that count nothing. Tokens are numbered by how often
 * they occur in the training part. Words are what blanks separate, with `<eos>` at the end of every line; tokens that the
 * training part lacks are `<unk>`.
 *
 * @throws {HypertrainError} for a part that is too short, for a training part without two different tokens, and for an option that is none of these.
 */
export function textData(parts: TextParts, options: TextOptions): SupervisedData {
  demandGiven("textData", { parts }, { parts: optionsOf<TextParts>(partRules) });
  const {
    name,
    steps,
    tokens: kind,
    vocabulary: most = MOST_TOKENS,
    joined = false,
  } = ownOptions("textData", options, textRules);
  const all = split(parts, kind, options);
  const known = vocabularyOf(all, most);
  demandTwo(name, kind, new Set(all.train));
  const numbers = new Map(known.map((token, i) => [token, i]));
  const unknown = numbers.get(UNKNOWN) ?? 0; // there is none of it where all are known
  const numbered = (tokens: readonly string[]) =>
    Int32Array.from(tokens, (token) => numbers.get(token) ?? unknown);
  const part = (title: string, tokens: readonly string[]) =>
    windows(numbered(tokens), steps, `the ${title} part of ${name}`, title !== "training");
  const { train, valid, test } = all;
  const shareOf = (tokens: readonly string[]): TokenShare => ({
    tokens: tokens.length,
    unknown: tokens.filter((token) => token === UNKNOWN || !numbers.has(token)).length / tokens.length,
  });
  return {
    name,
    task: "classification",
    inputShape: [steps],
    outputs: known.length,
    classes: known,
    perStep: true,
    text: {
      tokens: kind,
      parts: { train: shareOf(train), valid: shareOf(valid), ...(test && { test: shareOf(test) }) },
    },
    splits: {
      train: part("training", joined ? [...train, ...valid] : train),
      valid: part("validation", valid),
      ...(test && { test: part("test", test) }),
    },
    warnings: unknownWarnings(all, numbers, kind),
  };
}

/** How a text becomes examples for a model that has learned of another. */
export interface NewTextOptions extends Pick<TextOptions, "name" | "steps" | "tokens"> {
  /** The tokens that the model knows, as it numbers them. */
  readonly vocabulary: readonly string[];
}

/**
 * A text as examples for a model that knows some tokens, as {@link textData} makes them of a part that is only evaluated.
 *
 * @returns with how many tokens there are, and which share of them counts as `<unk>`
 * @throws {HypertrainError} for less than two tokens, and for tokens that are not known where there is no `<unk>` for them.
 */
export function newText(
  text: string,
  { name, steps, tokens: kind, vocabulary }: NewTextOptions,
): TokenShare & { readonly dataset: Dataset } {
  const tokens = tokensOf(text, kind);
  if (tokens.length < 2) throw tooShort(name, tokens.length, 2);
  const { numbers, unknown } = numbersOf(tokens, { name, tokens: kind, vocabulary });
  return {
    dataset: rowsOf(numbers, steps, true),
    ...{ tokens: tokens.length, unknown: unknown / tokens.length },
  };
}

/**
 * The tokens of a text that is to go on, by their numbers: those of {@link newText}, but that a last line without its end has no `<eos>`.
 *
 * @returns with how many of them count as `<unk>`
 * @throws {HypertrainError} for a text without a token, and for tokens that are not known where there is no `<unk>` for them.
 */
export function promptOf(text: string, known: Omit<NewTextOptions, "steps">): NumberedTokens {
  const { name, tokens: kind } = known;
  const whole = tokensOf(text, kind);
  const tokens = kind === "word" && !text.endsWith("\n") ? whole.slice(0, -1) : whole;
  if (tokens.length > 0) return numbersOf(tokens, known);
  throw inputError(`${name} must have a ${kind} to go on from, but has none; give its beginning`);
}

/** Tokens by their numbers, and how many of them count as `<unk>`. */
export interface NumberedTokens {
  readonly numbers: Int32Array<ArrayBuffer>;
  readonly unknown: number;
}

function numbersOf(
  tokens: readonly string[],
  { name, tokens: kind, vocabulary }: Omit<NewTextOptions, "steps">,
): NumberedTokens {
  const places = new Map(vocabulary.map((token, i) => [token, i]));
  const unknown = tokens.filter((token) => token === UNKNOWN || !places.has(token));
  const place = places.get(UNKNOWN);
  if (unknown.length > 0 && place === undefined) {
    throw inputError(
      `${name} must be made of the ${kind}s that the model knows, which has no ${UNKNOWN} for others, but ${unknown.length} of ${tokens.length} are none of them, such as ${oneLine(JSON.stringify(unknown[0]), 40)}; leave them out, or train with a smaller ${optionText("vocabulary")}, which has ${UNKNOWN} for the rarest`,
    );
  }
  const numbers = Int32Array.from(tokens, (token) => places.get(token) ?? (place as number));
  return { numbers, unknown: unknown.length };
}

const MOST_TOKENS = 10_000;

/** @throws {HypertrainError} for a size of a part where the parts are files of their own. */
function demandNoSizes({ name, ...sizes }: TextOptions): void {
  for (const part of ["valid", "test"] as const) {
    if (sizes[part] !== undefined) {
      throw inputError(
        `${optionText(part)} must go with a text that is one file, but ${name} comes in parts; leave it out`,
      );
    }
  }
}

function split({ train, valid, test }: TextParts, kind: TokenKind, options: TextOptions): TokenParts {
  const tokens = tokensOf(train, kind);
  if (valid !== undefined) {
    demandNoSizes(options);
    return {
      train: tokens,
      valid: tokensOf(valid, kind),
      ...(test !== undefined && { test: tokensOf(test, kind) }),
    };
  }
  const { name, steps, valid: validSize = 0.1, test: testSize = 0.1 } = options;
  const least = (testSize === 0 ? 2 : 3) * (steps + 1); // a row, and what follows it, for each part
  if (tokens.length < least) throw tooShort(`the text ${name}`, tokens.length, least);
  const rows = tailSplit(tokens.length, { valid: validSize, test: testSize, noun: kind });
  const at = (part: Uint32Array) => tokens.slice(part[0], (part.at(-1) as number) + 1);
  return { train: at(rows.train), valid: at(rows.valid), ...(rows.test && { test: at(rows.test) }) };
}

function demandTwo(name: string, kind: TokenKind, known: ReadonlySet<string>): void {
  if (known.size >= 2) return;
  const [only] = known;
  const or =
    only === undefined ? "" : `, or choose ${optionText("tokens", kind === "word" ? "character" : "word")}`;
  const got = only === undefined ? "none" : `only ${oneLine(JSON.stringify(only), 40)}`;
  throw inputError(
    `the training part of a text must have at least two different ${kind}s to predict, but that of ${name} has ${got}; check that it is the right file${or}`,
  );
}

/** How much of what is only evaluated is unknown, where it is more than a hundredth. */
function unknownWarnings(
  { valid, test = [] }: TokenParts,
  numbers: ReadonlyMap<string, number>,
  kind: TokenKind,
): string[] {
  return (["validation", "test"] as const).flatMap((title) => {
    const tokens = title === "test" ? test : valid;
    const unknown = tokens.filter((token) => !numbers.has(token)).length;
    if (unknown <= tokens.length / 100) return [];
    const share = Math.round((100 * unknown) / tokens.length);
    return [
      `${share} % of the ${kind}s of the ${title} part are not in the vocabulary: they count as ${UNKNOWN}`,
    ];
  });
}
