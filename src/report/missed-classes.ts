import type { Score } from "../api/trace.ts";
import { listed } from "../data/quote.ts";
import { optionText } from "../util/option-text.ts";

/** Rows of a class that chance alone does not miss. */
const ENOUGH_ROWS = 3;

/** What is known of the classes. */
export interface ClassFacts {
  /** By number; default their numbers. */
  readonly names?: readonly string[] | undefined;
  /** Whether the losses weigh classes alike, rare or frequent; default false. */
  readonly weighsClasses?: boolean | undefined;
}

/**
 * Which rare classes, of less than half an even share of the rows, a network takes no row of validation and test for, in a sentence; nothing where there are none. An
 * accuracy hides them.
 */
export function missedClassesSentence(
  { valid, test }: { readonly valid: Score; readonly test?: Score | undefined },
  { names = [], weighsClasses = false }: ClassFacts = {},
): string | undefined {
  const parts = [valid.confusion, test?.confusion].filter((part) => part !== undefined);
  const [first] = parts;
  if (!first) return undefined;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const actual = first.map((_, k) => sum(parts.map((part) => sum(part[k] ?? []))));
  const predicted = first.map((_, k) => sum(parts.map((part) => sum(part.map((row) => row[k] ?? 0)))));
  const rows = sum(actual);
  const missed = actual.flatMap((of, k) =>
    of >= ENOUGH_ROWS && of < rows / (2 * first.length) && predicted[k] === 0 ? [k] : [],
  );
  if (missed.length === 0) return undefined;
  const which = listed(missed.map((k) => names[k] ?? String(k)));
  const [classes, them] = missed.length === 1 ? ["class", "it"] : ["classes", "them"];
  const mend = weighsClasses
    ? ""
    : `; ${optionText("classWeights", "balanced")} counts ${them} as much as the frequent ones`;
  const places = test?.confusion ? "validation and test rows" : "validation rows";
  return `No row is taken for the ${classes} ${which} at the best epoch, though ${sum(missed.map((k) => actual[k] as number))} of ${rows} ${places} are of ${them}, which accuracy hardly shows${mend}.`;
}
