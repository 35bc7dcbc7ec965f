/** What a configuration means that asks for several networks on folds of the rows. */
import type { DataReport } from "../../api/data-report.ts";
import type { ExamplesReport } from "../../api/examples-report.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import type { Config } from "../config/config.ts";
import type { LoadOptions } from "../data-sets/data-set-by-name.ts";
import { flagOf } from "../config/fields.ts";

/** With folds all rows that are no test rows train. The part that validates else is counted beside the test part, and so is as small as can be. */
export const forFolds = (config: Config, options: LoadOptions): [Config, LoadOptions] => [
  { ...config, valid: 1 },
  { ...options, joined: true },
];

/** A report in which all rows that train validate as well. */
export function withFolds<Report extends DataReport | ExamplesReport>({ parts, ...report }: Report): Report {
  const folded = { ...report, parts: { ...parts, valid: parts.train } } as Report; // the same but for how many validate
  if (!("kind" in folded) || !folded.classes) return folded;
  return { ...folded, classes: folded.classes.map((one) => ({ ...one, valid: one.train })) };
}

/** Fields that say which rows validate. */
const ownParts = ["valid", "group", "timeColumn"] as const;

/** Whether a table's network could be trained in folds, and is not. */
export const couldFold = (config: Config): boolean =>
  config.folds === undefined &&
  config.splitBy !== "tail" &&
  ownParts.every((field) => config[field] === undefined) &&
  ["mlp", "linear", "wide-and-deep"].includes(config.model);

/** Folds are parts of all rows that are no test rows, drawn at random. @throws {HypertrainError} for a field that says otherwise. */
export function demandRandomParts(config: Config): void {
  for (const field of ownParts) {
    if (config[field] === undefined) continue;
    throw inputError(
      `${flagOf(field)} must be left out with --folds, whose validation rows are parts drawn at random, but got ${oneLine(String(config[field]))}; leave out one of the two`,
    );
  }
  if (config.splitBy !== "tail") return;
  throw inputError(
    "--split-by must be seed with --folds, whose validation rows are parts drawn at random, but got tail; leave out one of the two",
  );
}
