/*
 * Numbered tokens as rows of steps, each with the token behind it.
 */
import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { HostArray } from "../util/host-array.ts";
import type { Dataset } from "./dataset.ts";

/** The rows of a part, of which there is one at least. */
export function windows(
  tokens: Int32Array<ArrayBuffer>,
  steps: number,
  part: string,
  whole: boolean,
): Dataset {
  if (tokens.length <= steps) throw tooShort(part, tokens.length, steps + 1);
  return rowsOf(tokens, steps, whole);
}

/** Rows of so many steps. @param whole whether the end that fills no row is one too, with steps that have no class */
export function rowsOf(tokens: Int32Array<ArrayBuffer>, steps: number, whole: boolean): Dataset {
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

/** What is wrong with a text, or a part of one, of too few tokens. */
export const tooShort = (part: string, tokens: number, least: number) =>
  inputError(
    `${part} must have at least ${least} tokens, but has ${tokens}; ${tokens < 2 ? "check that it is the right file" : `lower ${optionText("bptt")}, or take a longer text`}`,
  );
