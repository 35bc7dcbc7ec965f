/*
 * What the order of the rows says.
 */
import { optionText } from "../../util/option-text.ts";
import { textOf } from "../column-values.ts";
import { dateFormatsOf, readDate } from "../date-format.ts";
import { cut } from "../quote.ts";
import type { Column } from "../table.ts";
import { inWords } from "../../util/words.ts";
import type { TableFacts, TableRemark } from "./facts.ts";

/** Dates that go one way from row to row, where rows are drawn regardless: what trains then knows what came later. */
export function orderedInTime({ table, drawn, options, stratified }: TableFacts): TableRemark | undefined {
  const { group, timeColumn, folds } = options;
  if (group !== undefined || timeColumn !== undefined || followsRows(drawn)) return undefined;
  const column = table.columns.find((each) => goesOneWay(momentsOf(each)));
  const others = [...(folds === undefined ? [] : ["folds"]), ...(stratified ? ["stratify"] : [])];
  const without =
    others.length === 0
      ? ""
      : `, without ${inWords(
          others.map((name) => optionText(name)),
          "and",
        )}`;
  return (
    column && {
      names: [column.name],
      short: "dates in the order of the rows",
      sentence: `the dates "${cut(column.name)}" of ${table.name} go one way from row to row, and rows are drawn from all of them; where later rows are to be predicted, let the latest validate and test (${optionText("timeColumn", column.name)}${without})`,
    }
  );
}

const followsRows = ({ train, valid }: TableFacts["drawn"]): boolean =>
  train.reduce((a, b) => Math.max(a, b), -Infinity) < valid.reduce((a, b) => Math.min(a, b), Infinity);

/** Of a column of dates; none where it is another, or one is missing. */
function momentsOf(column: Column): readonly number[] {
  if (column.kind === "numbers") return [];
  const texts = textOf(column);
  if (column.codes || texts.includes(null)) return [];
  const [format, other] = dateFormatsOf(texts as readonly string[]);
  return format && !other ? texts.map((text) => readDate(text as string, format)?.moment as number) : [];
}

function goesOneWay(moments: readonly number[]): boolean {
  const steps = moments.slice(1).map((moment, i) => Math.sign(moment - (moments[i] as number)));
  const moved = steps.filter((step) => step !== 0);
  return moved.length >= MOVES && new Set(moved).size === 1;
}

/** Moves of one direction that are no chance. */
const MOVES = 10;
