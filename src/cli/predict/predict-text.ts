import { generateRules, type TextModel } from "../../artifacts/text-model.ts";
import type { Score } from "../../api/trace.ts";
import { textOf } from "../../data/named-bytes.ts";
import { readBytes } from "../../data/node/read.ts";
import { cut } from "../../data/quote.ts";
import { promptOf } from "../../data/text.ts";
import { formatNumber } from "../../util/format-number.ts";
import { formatLoss, formatMetric, metricTitle } from "../../report/format.ts";
import { inputError } from "../../util/error.ts";
import { neutralised } from "../../util/text.ts";
import { count } from "../../util/words.ts";

/** What `hypertrain predict` accepts where the model is of a text. */
export interface TextFlags {
  /** A text to go on from. */
  readonly continue?: string;
  /** How many tokens to add to it. */
  readonly length?: number;
  readonly temperature?: number;
  readonly seed?: number;
  /** For rows and images alone. */
  readonly out?: string;
  /** For rows alone. */
  readonly separator?: string;
  readonly json?: boolean;
}

/** Demands what is to be answered for: files, or the beginning of a text. @throws {HypertrainError} */
export function demandAsked(places: readonly string[], flags: TextFlags): void {
  const { continue: start } = flags;
  if (start === undefined && places.length === 0) {
    throw inputError(
      "predict must be given what to answer for, but got a run alone; add a file with new rows or a new text, images, or --continue TEXT",
    );
  }
  if (start !== undefined && places.length > 0) {
    throw inputError(
      `--continue must come without files, since it goes on from its own text, but got "${cut(places[0] as string)}"; leave one out`,
    );
  }
  const besides = start === undefined ? generateFlags : (["out", "separator"] as const);
  for (const flag of besides) {
    if (flags[flag] === undefined) continue;
    throw inputError(
      `--${flag} must come ${start === undefined ? "with" : "without"} --continue, but got ${String(flags[flag])}; leave it out`,
    );
  }
  for (const flag of generateFlags) {
    const rule = generateRules[flag];
    if (flags[flag] === undefined || rule.holds(flags[flag])) continue;
    throw inputError(`--${flag} must be ${rule.must}, but got ${flags[flag]}; change it`);
  }
}

/** What `--continue` may come with. */
const generateFlags = ["length", "temperature", "seed"] as const;

/** Judges the text of a file by a language model, or continues one, and prints what comes of it. @throws {HypertrainError} */
export async function answerText(
  model: TextModel,
  places: readonly string[],
  flags: TextFlags,
): Promise<void> {
  if (flags.continue !== undefined) return goOn(model, flags.continue, flags);
  const judged = await judge(model, places, flags);
  process.stdout.write(flags.json ? `${JSON.stringify(judged)}\n` : describeText(model, judged));
}

/** Prints a text and how it goes on, token by token as they are drawn; as JSON all at once. */
async function goOn(model: TextModel, start: string, flags: TextFlags): Promise<void> {
  const { json = false } = flags;
  const given = generateFlags.filter((flag) => flags[flag] !== undefined);
  const options = Object.fromEntries(given.map((flag) => [flag, flags[flag]]));
  if (json) {
    process.stdout.write(`${JSON.stringify({ start, ...(await model.generate(start, options)) })}\n`);
    return;
  }
  const print = (text: string) => process.stdout.write(neutralised(text));
  const { text: facts, classes } = model.document;
  const { numbers, unknown } = promptOf(start, { name: "the text", vocabulary: classes, ...facts });
  if (unknown > 0) {
    process.stderr.write(
      `warning: ${unknown} of the ${count(numbers.length, facts.tokens)} of the text are unknown to the model, which takes them for <unk>\n`,
    );
  }
  print(start);
  await model.generate(start, { ...options, onText: print });
  process.stdout.write("\n");
}

/** How well a text is predicted, as a document. */
interface JudgedText {
  readonly tokens: number;
  readonly unknown: number;
  readonly score: Score;
}

/** Judges the text of a file. */
async function judge(model: TextModel, places: readonly string[], flags: TextFlags): Promise<JudgedText> {
  const [file = "", ...others] = places;
  if (others.length > 0) {
    throw inputError(
      `predict must be given one file of text where the run was on one, but got ${places.length}; ask for one after the other`,
    );
  }
  for (const flag of ["out", "separator"] as const) {
    if (flags[flag] === undefined) continue;
    throw inputError(
      `--${flag} must go with rows or images, but the run was on a text, of which predict tells the loss alone; leave it out`,
    );
  }
  const { tokens, unknown, ...score } = await model.score(textOf(await readBytes(file)));
  return { tokens, unknown, score };
}

const describeText = ({ document }: TextModel, { tokens, unknown, score }: JudgedText): string => {
  const { name, value } = score.metric ?? { name: "perplexity", value: Math.exp(score.loss) };
  const share = unknown > 0 ? `, ${formatNumber(100 * unknown, 2)} % of them <unk>` : "";
  return `\n  ${count(tokens, document.text.tokens)}${share}: loss ${formatLoss(score.loss)} nats each, ${metricTitle(name)} ${formatMetric({ name, value })}\n`;
};
