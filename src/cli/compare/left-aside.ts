import { listed } from "../../data/quote.ts";
import { fieldNames, fields } from "../config/fields.ts";
import type { Field } from "../config/fields/field.ts";
import { ownToTune } from "./own-to-tune.ts";

/**
 * What a comparison leaves aside of a configuration that was written for `tune`, in one sentence; undefined where it has a use for all.
 *
 * @param file what the sentence calls the configuration
 */
export function leftAside(file: string, written: Readonly<Record<string, unknown>>): string | undefined {
  const names = fieldNames.filter((name) => {
    if (written[name] === undefined || (name === "epochs" && written.schedule === "cosine")) return false;
    return ownToTune.includes(name) || (fields[name] as Field).notCompared !== undefined;
  });
  if (names.length === 0) return undefined;
  const end = names.includes("epochs") ? ", which ends by --time or --budget-steps" : "";
  const methods = names.includes("method") ? "; --methods names what competes" : "";
  return `${listed(names, 10)} in ${file} ${names.length === 1 ? "is" : "are"} left aside by a comparison${end}${methods}`;
}
