import { decimalOf } from "../../../util/decimal.ts";
import { inputError } from "../../../util/error.ts";
import { oneLine } from "../../../util/text.ts";
import { type MethodName } from "../../../methods/lookup.ts";

/** How a field is given on the command line. */
export interface Field {
  /** What it means, with its unit and default. */
  readonly about: string;
  /** The same for a config file, where a value has another form there than behind the flag. */
  readonly inConfig?: string;
  /** What follows the flag, for example `N`; `undefined` for a switch. */
  readonly argument?: string;
  /** The heading in `--help`. */
  readonly group: FieldGroup;
  /** From the text behind the flag to what a config file would hold. Absent for a switch. */
  readonly read?: Reader;
  /** Whether the flag may be given several times, its values joined into one record. */
  readonly repeatable?: boolean;
  /** Whether `--help` shows it, in the words of `brief` where they are shorter; `--help-all` shows all. */
  readonly basic?: true;
  readonly brief?: string;
  /** The methods that have a use for it; default all. */
  readonly methods?: readonly MethodName[];
  /** Another field, and the values of it that give this one a meaning; without values, any. `otherwise` says what to give instead where that one is absent. */
  readonly needs?: {
    readonly field: string;
    readonly values?: readonly string[];
    readonly otherwise?: string;
  };
  /** What is meant instead in a study that a store keeps, which has no use for this one. */
  readonly insteadInStudy?: string;
  /** Why a comparison has no use for it; it then refuses the flag. */
  readonly notCompared?: string;
  /** What it is about; default: what is trained, and how. */
  readonly of?: FieldSubject;
}

/**
 * What a field is about: what is trained, and how, from which numbers follow; where its data are found; how a machine trains it; where it
 * is kept and told; or what one command shows and leaves.
 */
export type FieldSubject = "training" | "data" | "machine" | "place" | "command";

/** The headings under which `--help` lists the fields. */
export type FieldGroup = "Data:" | "Network:" | "Tuning:" | "Training:" | "Run:";

/** From the text behind a flag to what a config file would hold. */
export type Reader = (text: string, flag: string) => unknown;

/** Text as it is. */
export const text: Reader = (value) => value;

/** A finite number. */
export const number: Reader = (value, flag) => {
  const parsed = decimalOf(value);
  if (!Number.isNaN(parsed)) return parsed;
  throw inputError(`${flag} must be a number, but got "${oneLine(value)}"`);
};

/** A finite number or a word. */
export const numberOr =
  (word: string): Reader =>
  (value, flag) => {
    const parsed = value === word ? value : decimalOf(value);
    if (!Number.isNaN(parsed)) return parsed;
    throw inputError(`${flag} must be a number or ${word}, but got "${oneLine(value)}"`);
  };

/** Finite numbers with commas between them. */
export const numbers: Reader = (value, flag) => {
  const parsed = value.trim() === "" ? [] : value.split(",").map(decimalOf);
  if (!parsed.some(Number.isNaN)) return parsed;
  throw inputError(`${flag} must be numbers with commas between them, but got "${oneLine(value)}"`);
};

/** Names with commas between them. */
export const names: Reader = (value) => value.split(",").map((name) => name.trim());
