import { constants, leftOut, missingValues, pixels } from "./remarks/columns.ts";
import { contradictions, copies } from "./remarks/copies.ts";
import type { TableFacts, TableRemark } from "./remarks/facts.ts";
import { distant } from "./remarks/far-values.ts";
import { dayNumbers, marksOfMissing, otherNotations, runningNumbers } from "./remarks/numbers.ts";
import { leaking, rareClasses, skewed, withoutTarget } from "./remarks/target.ts";
import { orderedInTime } from "./remarks/times.ts";
import { codes, differByCase, manyLevels, truths } from "./remarks/texts.ts";
import { totalsIn } from "./totals.ts";

/** All sentences, the worst first. */
export const remarksOf = (input: TableFacts): TableRemark[] =>
  [
    totals,
    leaking,
    copies,
    contradictions,
    orderedInTime,
    withoutTarget,
    rareClasses,
    leftOut,
    missingValues,
    distant,
    marksOfMissing,
    otherNotations,
    codes,
    manyLevels,
    truths,
    differByCase,
    dayNumbers,
    runningNumbers,
    constants,
    skewed,
    pixels,
  ].flatMap((remark) => remark(input) ?? []);

function totals({ whole }: TableFacts): TableRemark | undefined {
  const found = totalsIn(whole);
  return found && { ...found, short: found.rows.length === 1 ? "a row of totals" : "rows of totals" };
}
