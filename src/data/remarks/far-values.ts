/*
 * Values that lie far from those of the training part.
 */
import type { HostArray } from "../../util/host-array.ts";
import { listed } from "../quote.ts";
import type { ColumnEncoding, TableEncoding } from "../table-encoding.ts";
import type { TableFacts, TableRemark } from "./facts.ts";
import { count } from "../../util/words.ts";

/** How many deviations from the mean of the training part are far. */
const FAR = 10;

/** Numbers and dates of the validation and the test part that lie far from those of the training part. */
export function distant({ whole, encoding, splits }: TableFacts): TableRemark | undefined {
  const parts = splits.test ? [splits.valid, splits.test] : [splits.valid];
  const found = distantIn(
    whole.name,
    encoding,
    parts.flatMap(({ fields }) => fields.x ?? []),
  );
  return (
    found && {
      ...found,
      short: "values far from the training part",
      sentence: `${found.sentence}, in the validation or test part`,
    }
  );
}

/**
 * Numbers and dates that lie far from those of the training part, in a sentence; undefined where there are none.
 *
 * @param inputs what {@link encodeInputs} makes of rows
 */
export function distantIn(
  name: string,
  { columns }: Pick<TableEncoding, "columns">,
  inputs: readonly HostArray[],
): { readonly sentence: string; readonly names: readonly string[] } | undefined {
  const numbers = columns.flatMap((column) =>
    column.features.map((_, k) => (tellsHowFar(column, k) ? column.name : undefined)),
  );
  const counts = new Map<string, number>();
  for (const { data } of inputs) {
    data.forEach((value, i) => {
      const name = Math.abs(value) > FAR ? numbers[i % numbers.length] : undefined;
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    });
  }
  if (counts.size === 0) return undefined;
  const names = [...counts.keys()];
  const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
  const sentence = `${count(total, "value")} of ${name} in ${listed(names)} ${total === 1 ? "lies" : "lie"} beyond ${FAR} standard deviations of the training part`;
  return { names, sentence };
}

/** Of a date the days gone by: months, weekdays and hours go round, and the days tell of years, too. */
const tellsHowFar = (column: ColumnEncoding, feature: number): boolean =>
  column.kind === "date" ? column.parts[feature] === "elapsed" : column.kind === "number" && feature === 0;
