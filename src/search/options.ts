import { inputError } from "../util/error.ts";

/**
 * Checks a setting that counts something.
 *
 * @throws {HypertrainError} unless it is a whole number, at least 1.
 */
export function countOption(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw inputError(`${name} must be a whole number, at least 1, but got ${value}; round it`);
}
