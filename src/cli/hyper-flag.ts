import { decimalOf } from "../util/decimal.ts";
import { inputError, type HypertrainError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";

/** What an option of a choice can be in a config file. */
type Option = string | number | boolean;

/** A hyperparameter as a config file may give it: its start alone, or with a range and options; a choice by its options. */
export type HyperEntry = number | readonly Option[] | Readonly<Record<string, number | boolean | string>>;

/**
 * Reads `NAME=START:LOW..HIGH,OPTION,...` or, for a choice, `NAME=A|B|...`, which starts at the first, to the entry that a config
 * file would have.
 *
 * ```ts
 * parseHyperFlag("l2=1e-4:1e-6..1e-1,log", "--hyper"); // { l2: { start: 1e-4, low: 1e-6, high: 0.1, log: true } }
 * parseHyperFlag("activation.fc1=relu|tanh", "--hyper"); // { "activation.fc1": ["relu", "tanh"] }
 * ```
 *
 * @throws {HypertrainError} for text of another form.
 */
export function parseHyperFlag(text: string, flag: string): Record<string, HyperEntry> {
  const choice = /^(?<name>[^=:]+)=(?<options>[^:,]+)$/.exec(text.trim())?.groups;
  if (choice && (text.includes("|") || /^(activation|skip)(\.|$)/.test(choice.name as string))) {
    return { [choice.name as string]: optionsOf(choice.options as string, text, flag) };
  }
  const [head, ...options] = text.split(",") as [string, ...string[]];
  const match = /^(?<name>[^=:]+)=(?<start>[^:]+)(?::(?<low>.*?)\.\.(?<high>.*))?$/.exec(head.trim());
  if (!match?.groups) throw malformed(text, flag);
  const { name, start, low, high } = match.groups as Record<"name" | "start", string> &
    Partial<Record<"low" | "high", string>>;
  const entry = {
    start: numberOf(start, text, flag),
    ...(low && { low: numberOf(low, text, flag) }),
    ...(high && { high: numberOf(high, text, flag) }),
    ...Object.fromEntries(options.map((option) => parseOption(option.trim(), text, flag))),
  };
  return { [name]: Object.keys(entry).length === 1 ? entry.start : entry };
}

/** The inverse of {@link parseHyperFlag}: what to type behind `--hyper`. */
export function formatHyperFlag(name: string, entry: HyperEntry): string {
  if (typeof entry === "number") return `${name}=${entry}`;
  if (isChoice(entry)) return `${name}=${entry.join("|")}`;
  const { start, low, high, ...options } = entry;
  const range = low === undefined && high === undefined ? "" : `:${low ?? ""}..${high ?? ""}`;
  const rest = Object.entries(options).map(([key, value]) => (value === true ? key : `${key}=${value}`));
  return [`${name}=${start}${range}`, ...rest].join(",");
}

/** Whether an entry lists the options of a choice. */
export const isChoice = <T>(entry: T): entry is Extract<T, readonly unknown[]> => Array.isArray(entry);

function optionsOf(list: string, text: string, flag: string): Option[] {
  return list.split("|").map((part) => {
    const option = part.trim();
    if (option === "") throw malformed(text, flag);
    return option === "true" || option === "false" ? option === "true" : numberOr(option);
  });
}

function parseOption(option: string, text: string, flag: string): [string, number | boolean | string] {
  const [key, value] = option.split("=") as [string, string | undefined];
  if (key === "") throw malformed(text, flag);
  if (value === undefined || value === "true") return [key, true];
  if (value === "false") return [key, false];
  return [key, numberOr(value)];
}

function numberOf(part: string, text: string, flag: string): number {
  const value = decimalOf(part);
  if (Number.isNaN(value)) throw malformed(text, flag);
  return value;
}

function numberOr(text: string): number | string {
  const value = decimalOf(text);
  return Number.isNaN(value) ? text : value;
}

function malformed(text: string, flag: string): HypertrainError {
  const name = /^[\w.*-]{1,40}$/.exec(text.trim())?.[0];
  return inputError(
    `${flag} must have the form NAME=START:LOW..HIGH, for example l2=1e-4:1e-6..1e-1,log, or NAME=A|B for a choice, but got "${oneLine(text)}"${name === undefined ? "" : enough(name)}`,
  );
}

/** What is enough of a hyperparameter that is a number, for a sentence: a start inside the range that its name suggests; nothing of an architecture. */
function enough(name: string): string {
  const [kind = name] = name.split(".");
  if (["width", "depth", "activation", "skip"].includes(kind)) return "";
  const start = starts.get(name) ?? (/(^|-)l[12]$/.test(kind) ? 1e-4 : 0.1);
  return `; ${name}=${start} is enough, where the name tells the range`;
}

/** Starts of hyperparameters that are no rates, shares or penalties: of those in pixels on images of 28 of them or more. */
const starts: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ crop: 1, "cutout.length": 3, "cutout.holes": 1 },
    ...{ rotate: 10, shear: 10, "rand-augment": 5 },
  }),
);
