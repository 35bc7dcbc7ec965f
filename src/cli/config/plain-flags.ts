/*
 * Flags of commands whose options are no fields of a configuration, read from what was typed.
 */
import { decimalOf } from "../../util/decimal.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { oneLine } from "../../util/text.ts";

/** One of the known names. @throws {HypertrainError} with the nearest name for any other. */
export function oneOf<const T extends string>(flag: string, known: readonly T[], given: string): T {
  const found = known.find((name) => name === given);
  if (found !== undefined) return found;
  throw inputError(
    `${flag} must be one of ${known.join(", ")}, but got "${oneLine(given)}"${nearest(given, known)}`,
  );
}

/** A whole number above 0. @throws {HypertrainError} */
export function positiveInteger(flag: string, given: string): number {
  const value = decimalOf(given);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw inputError(`${flag} must be a positive integer, but got "${oneLine(given)}"`);
}
