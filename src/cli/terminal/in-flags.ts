import { isRecord, mapValues } from "../../util/record.ts";
import { shellWord } from "../../util/shell-word.ts";
import { fields, flagOf } from "../config/fields.ts";

/** The flags of options that no field of a configuration is. */
const ofCommands: Readonly<Record<string, string>> = { hold: "--hold", gradientLimit: "--budget-steps" };

/**
 * A message with the options that the library names as `optionText` does told as flags: `` `task: "regression"` `` is `--task regression`, and
 * `` `header: false` `` is `--no-header`. What is no option stays as it is.
 */
export const inFlags = (message: string): string =>
  message.replace(OPTION, (whole, name: string, value: string | undefined) =>
    Object.hasOwn(fields, name) || Object.hasOwn(ofCommands, name) ? (flagWith(name, value) ?? whole) : whole,
  );

const OPTION = /`([a-z]\w*)(?:: ([^`]*))?`/g;

/** Nothing where the value is no JSON, as `optionText` writes it. */
function flagWith(name: string, written: string | undefined): string | undefined {
  const flag = ofCommands[name] ?? flagOf(name);
  if (written === undefined) return flag;
  try {
    const value: unknown = JSON.parse(written);
    if (typeof value === "boolean") return value ? flag : `--no-${flag.slice(2)}`;
    return `${flag} ${shellWord(flagValue(value))}`;
  } catch {
    return undefined;
  }
}

/** A field's value as it is typed behind its flag: lists with commas, names with what they have. */
export function flagValue(value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  if (!isRecord(value)) return String(value);
  return Object.entries(value)
    .map(([name, own]) => `${name}=${String(own)}`)
    .join(",");
}

/** The same of every text in a document. */
export function allInFlags<Document>(document: Document): Document {
  const told = (value: unknown): unknown => {
    if (typeof value === "string") return inFlags(value);
    if (Array.isArray(value)) return value.map(told);
    return isRecord(value) ? mapValues(value, told) : value;
  };
  return told(document) as Document; // of the same shape
}
