import { inputError } from "../util/error.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { nearest } from "../util/nearest.ts";
import { optionText } from "../util/option-text.ts";
import { listOf, needed, oneOf, text, type Rules } from "../util/rule.ts";
import { notationOf } from "./column-values.ts";
import { classLabels, quantities } from "./encode-target.ts";
import { planColumn, RUNNING, scaledColumn, type ColumnOptions } from "./fit-column.ts";
import { cut, listed } from "./quote.ts";
import { scaleOfColumn } from "./standardize.ts";
import type { SupervisedTask } from "./supervised-data.ts";
import type { TableEncoding, TargetEncoding, TargetTransform } from "./table-encoding.ts";
import { aTable, type Column, type Table } from "./table.ts";

/** What to predict from a table, and from what. */
export interface FitOptions extends ColumnOptions {
  /** The name of the target's column. */
  readonly target: string;
  /** Default: classification for text or at most 20 different whole numbers, fewer than rows; regression otherwise. */
  readonly task?: SupervisedTask | undefined;
  /** What a regression's target goes through. Default `none`. */
  readonly targetTransform?: TargetTransform | undefined;
}

/** What {@link FitOptions} must be. */
export const fitRules = {
  ...{ target: needed(text), task: oneOf("classification", "regression") },
  ...{ ignore: listOf(text), keep: listOf(text), splitColumns: listOf(text) },
  ...{ dates: oneOf("leave", "parts"), targetTransform: oneOf("none", "log") },
} satisfies Rules<FitOptions>;

/**
 * Learns from training rows how rows of such a table become numbers; nothing but the given table is looked at.
 *
 * @param train the training rows alone, all with a target
 * @throws {HypertrainError} for columns that cannot be read, if none is left to learn from, or for an option that is none of these.
 */
export function fitTable(
  train: Table,
  options: FitOptions & { readonly task: SupervisedTask },
): TableEncoding {
  demandGiven("fitTable", { train }, { train: aTable });
  ownOptions("fitTable", options, { ...fitRules, task: needed(fitRules.task) });
  const target = findColumn(train, options.target);
  const choices = train.columns.map((column, place) =>
    place === target ? undefined : planColumn(train, place, options),
  );
  const columns = choices.flatMap((choice, place) =>
    choice && "kind" in choice ? scaledColumn(choice, train, place) : [],
  );
  const unused = choices.flatMap((choice) => (choice && !("kind" in choice) ? choice : []));
  const counts = unused.filter(({ why }) => why === RUNNING).map(({ name }) => name);
  if (columns.length === 0 && counts.length > 0) {
    return fitTable(train, { ...options, keep: [...(options.keep ?? []), ...counts] }); // better than nothing, and told
  }
  if (columns.length === 0) {
    const why = unused.map(({ name, why }) => `"${cut(name)}" is left out: ${why}`).slice(0, 3);
    throw inputError(
      `${train.name} must have at least one column beside the target "${cut(options.target)}" to learn from, but ${why.join("; ") || "has none"}; ${why.length > 0 ? `take one in with ${optionText("keep")}` : "add one or name another separator"}`,
    );
  }
  return { version: 1, columns, target: targetOf(train, target, options), unused };
}

/**
 * Which column has a name.
 *
 * @param role what the column is asked for as
 * @throws {HypertrainError} with the names that there are.
 */
export function findColumn({ name, columns }: Table, wanted: string, role = "the target"): number {
  const names = columns.map((column) => column.name);
  const index = names.indexOf(wanted);
  if (index >= 0) return index;
  throw inputError(
    `${role} must be a column of ${name}, but got "${cut(wanted)}" and the columns are ${listed(names, 20)}${nearest(wanted, names) || "; name one of them"}`,
  );
}

function targetOf(
  train: Table,
  place: number,
  { task, targetTransform: transform = "none" }: FitOptions & { readonly task: SupervisedTask },
): TargetEncoding {
  const column = train.columns[place] as Column;
  const { name } = column;
  if (task === "classification") {
    const notation = column.kind === "numbers" ? { notation: notationOf(column) } : {};
    return {
      kind: "classes",
      name,
      classes: classesOf(column, classLabels(notation, train, place)),
      ...notation,
    };
  }
  const target = { name, notation: notationOf(column), transform };
  const { mean, sd } = scaleOfColumn(quantities(target, train, place));
  return { kind: "number", ...target, mean, sd };
}

/** The different classes in ascending order: numbers by size, text by its code units. */
function classesOf({ kind }: Column, labels: readonly (string | null)[]): string[] {
  const classes = [...new Set(labels.filter((label) => label !== null))];
  return kind === "numbers" ? classes.sort((a, b) => Number(a) - Number(b)) : classes.sort();
}
