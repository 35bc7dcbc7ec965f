import { inputError, type HypertrainError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { isRecord } from "../util/record.ts";
import type { Rules } from "../util/rule.ts";

/** How large a part is: a fraction of all rows, at least 0 and below 1, or a number of rows. */
export type PartSize = number | { readonly rows: number };

/** The sizes of the parts that do not train; the training part gets the rest. */
export interface PartSizes {
  readonly valid?: PartSize;
  /** 0 leaves the test part out. */
  readonly test?: PartSize;
}

/** What the sizes of parts must be: `sizeInRows` says more of numbers. */
export const sizeRules: Rules<PartSizes> = {
  valid: { must: "a share of the rows, or { rows: a number of them }", holds: isSize },
  test: { must: "a share of the rows, or { rows: a number of them }", holds: isSize },
};

function isSize(value: unknown): boolean {
  return typeof value === "number" || (isRecord(value) && typeof value.rows === "number");
}

/** The rows of a part among so many. @throws {HypertrainError} for a size that is none */
export function sizeInRows(part: string, size: PartSize, rows: number): number {
  if (typeof size === "number") {
    if (size >= 0 && size < 1) return Math.round(size * rows);
    throw inputError(
      `the ${part} part must be a fraction of the rows, at least 0 and below 1, but got ${size}; for a number of rows give { rows: ${size} }`,
    );
  }
  if (Number.isInteger(size.rows) && size.rows >= 0) return size.rows;
  throw inputError(
    `the ${part} part must have a whole number of rows, but got ${size.rows}; give a fraction below 1 or a whole number`,
  );
}

/**
 * What is wrong where a part would have no row, and what mends it.
 *
 * @param what was to be split, such as `5 rows`
 */
export function emptyPart(
  what: string,
  [train, valid, test]: readonly [train: number, valid: number, test: number],
  noun: string,
): HypertrainError {
  const got =
    train < 1 && valid === 1 && test > 1
      ? `test asks for ${test} of ${what}`
      : train < 0
        ? `validation and test ask for ${valid} and ${test} of ${what}`
        : `${what} would be split into ${train} for training, ${valid} for validation and ${test} for test`;
  const named = { valid, test };
  const mends = (["valid", "test"] as const)
    .filter((part) => (train < 1 ? named[part] > (part === "valid" ? 1 : 0) : named[part] < 1))
    .map((part) => optionText(part)); // no test part is one that may be
  const ask = mends.length === 0 ? "" : `ask for ${train < 1 ? "fewer" : "more"} (${mends.join(", ")}) or `;
  return inputError(`every part of the data must have at least one ${noun}, but ${got}; ${ask}add ${noun}s`);
}
