import { inputError } from "../util/error.ts";

/** A hyperparameter as a config file may give it: its start alone, or with a range and options. */
export type HyperEntry = number | Readonly<Record<string, number | boolean | string>>;

/**
 * Reads `NAME=START:LOW..HIGH,OPTION,...` to the entry that a config file would have.
 *
 * ```ts
 * parseHyperFlag("l2=1e-4:1e-6..1e-1,log", "--hyper"); // { l2: { start: 1e-4, low: 1e-6, high: 0.1, log: true } }
 * ```
 *
 * @throws {HypertrainError} for text of another form.
 */
export function parseHyperFlag(text: string, flag: string): Record<string, HyperEntry> {
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
  const { start, low, high, ...options } = entry;
  const range = low === undefined && high === undefined ? "" : `:${low ?? ""}..${high ?? ""}`;
  const rest = Object.entries(options).map(([key, value]) => (value === true ? key : `${key}=${value}`));
  return [`${name}=${start}${range}`, ...rest].join(",");
}

function parseOption(option: string, text: string, flag: string): [string, number | boolean | string] {
  const [key, value] = option.split("=") as [string, string | undefined];
  if (key === "") throw malformed(text, flag);
  if (value === undefined || value === "true") return [key, true];
  if (value === "false") return [key, false];
  return [key, value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value];
}

function numberOf(part: string, text: string, flag: string): number {
  const value = part.trim() === "" ? NaN : Number(part);
  if (!Number.isFinite(value)) throw malformed(text, flag);
  return value;
}

const malformed = (text: string, flag: string) =>
  inputError(
    `${flag} must have the form NAME=START:LOW..HIGH, for example l2=1e-4:1e-6..1e-1,log, but got "${text}"`,
  );
