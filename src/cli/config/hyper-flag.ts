import { decimalOf } from "../../util/decimal.ts";
import { inputError, type HypertrainError } from "../../util/error.ts";
import { mapValues } from "../../util/record.ts";
import { oneLine } from "../../util/text.ts";

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
  const written = writtenIn(text);
  const entry = written && entryOf(written);
  if (!written || entry === undefined) throw malformed(text, flag);
  return { [written.name]: entry };
}

/** The parts of such a text, none of which is understood yet. */
interface WrittenHyper {
  readonly name: string;
  /** What stands in front of the range: one start, or the options of a choice. */
  readonly values: readonly string[];
  /** Of a range, either of which may be empty; absent where there is none. */
  readonly low?: string | undefined;
  readonly high?: string | undefined;
  /** `log`, `scale=0.1`. */
  readonly options: readonly string[];
}

function writtenIn(text: string): WrittenHyper | undefined {
  const [head = "", ...options] = text.split(",").map((part) => part.trim());
  const parts = /^(?<name>[^=:]+)=(?<value>[^:]+)(?::(?<low>.*?)\.\.(?<high>.*))?$/.exec(head)?.groups;
  if (!parts) return undefined;
  const { name, value, low, high } = parts as Record<"name" | "value", string> &
    Partial<Record<"low" | "high", string>>;
  return { name, values: value.split("|").map((one) => one.trim()), low, high, options };
}

/** What they mean; nothing where a part is not what it must be. */
const entryOf = (written: WrittenHyper): HyperEntry | undefined =>
  written.values.length > 1 || namesOneOption(written) ? choiceOf(written) : numberWith(written);

/** Whether a single value is the one option of a choice, since the kind of hyperparameter is chosen by name. */
const namesOneOption = (written: WrittenHyper): boolean =>
  isBare(written) && /^(activation|skip)(\.|$)/.test(written.name);

const isBare = ({ low, options }: WrittenHyper): boolean => low === undefined && options.length === 0;

const choiceOf = (written: WrittenHyper): HyperEntry | undefined =>
  isBare(written) && !written.values.includes("") ? written.values.map(valueOf) : undefined;

function numberWith({ values: [value = ""], low, high, options }: WrittenHyper): HyperEntry | undefined {
  const numbers = mapValues({ start: value, ...(low && { low }), ...(high && { high }) }, decimalOf);
  if (Object.values(numbers).some(Number.isNaN) || options.some((option) => /^(=|$)/.test(option)))
    return undefined;
  if (Object.keys(numbers).length + options.length === 1) return numbers.start;
  return { ...numbers, ...Object.fromEntries(options.map(optionOf)) };
}

function optionOf(option: string): [string, string | number | boolean] {
  const [key, value = "true"] = option.split("=") as [string, string | undefined];
  return [key, valueOf(value)];
}

/** A value as JSON would have it. */
function valueOf(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  const number = decimalOf(text);
  return Number.isNaN(number) ? text : number;
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
