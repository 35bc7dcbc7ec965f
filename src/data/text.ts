import type { TokenShare } from "../api/examples-report.ts";
import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { HostArray } from "../util/host-array.ts";
import { oneLine } from "../util/text.ts";
import type { Dataset } from "./dataset.ts";
import { sizeRules, type PartSizes } from "./part-sizes.ts";
import { tailSplit } from "./split.ts";
import type { SupervisedData } from "./supervised-data.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { anyText, count, flag, integer, needed, oneOf, optionsOf, text, type Rules } from "../util/rule.ts";

/** What the tokens of a text are. */
export type TokenKind = "word" | "character";

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

/** What tokens read as behind a text: words between blanks, and `<eos>` as the end of a line. */
export function textAfter(before: string, tokens: readonly string[], kind: TokenKind): string {
  if (kind === "character") return tokens.join("");
  let text = before;
  for (const token of tokens)
    text += token === END_OF_LINE ? "\n" : text === "" || /\s$/.test(text) ? token : ` ${token}`;
  return text.slice(before.length);
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

const UNKNOWN = "<unk>";
const END_OF_LINE = "<eos>";
const MOST_TOKENS = 10_000;

type TokenParts = { readonly train: string[]; readonly valid: string[]; readonly test?: string[] };

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

function tokensOf(text: string, kind: TokenKind): string[] {
  if (kind === "character") return Array.from(text.replace(/\r\n/g, "\n"));
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap((line) => [...(line.match(/\S+/g) ?? []), END_OF_LINE]);
}

/** The tokens of the training part, the most frequent first, and of those equally frequent the first. */
function vocabularyOf({ train, valid, test = [] }: TokenParts, most: number): string[] {
  const counts = new Map<string, number>();
  for (const token of train) counts.set(token, (counts.get(token) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a).map(([token]) => token); // stable
  const complete = sorted.length <= most && ![valid, test].some((part) => part.some((t) => !counts.has(t)));
  if (complete) return sorted;
  const kept = sorted.filter((token) => token !== UNKNOWN).slice(0, most - 1);
  return [...kept, UNKNOWN];
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

/** The rows of a part, of which there is one at least. */
function windows(tokens: Int32Array<ArrayBuffer>, steps: number, part: string, whole: boolean): Dataset {
  if (tokens.length <= steps) throw tooShort(part, tokens.length, steps + 1);
  return rowsOf(tokens, steps, whole);
}

/** @param whole whether the end that fills no row is one too, with steps that have no class */
function rowsOf(tokens: Int32Array<ArrayBuffer>, steps: number, whole: boolean): Dataset {
  const known = tokens.length - 1;
  const rows = whole ? Math.ceil(known / steps) : Math.floor(known / steps);
  const missing = Math.max(rows * steps - known, 0);
  const filled = (fill: number, values: Int32Array) => {
    const row = new Int32Array(rows * steps).fill(fill);
    row.set(values.subarray(0, rows * steps));
    return new HostArray(row, [rows, steps]);
  };
  const fields = { x: filled(0, tokens.subarray(0, known)), y: filled(NO_CLASS, tokens.subarray(1)) };
  return { rows, fields, order: "streams", ...(missing > 0 && { padding: missing / steps }) };
}

/** The class of a step that is not there: losses are 0 for it. */
const NO_CLASS = -1;

const tooShort = (part: string, tokens: number, least: number) =>
  inputError(
    `${part} must have at least ${least} tokens, but has ${tokens}; ${tokens < 2 ? "check that it is the right file" : `lower ${optionText("bptt")}, or take a longer text`}`,
  );

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
