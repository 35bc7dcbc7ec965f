import { toneRemark } from "./pixel-columns.ts";
import { cut, listed } from "./quote.ts";
import { distantIn } from "./remarks/far-values.ts";
import { missingIn, textOf } from "./column-values.ts";
import { encodeInputs, unknownLevels } from "./encode-inputs.ts";
import type { TableEncoding } from "./table-encoding.ts";
import type { Column, Table } from "./table.ts";
import { totalsIn } from "./totals.ts";
import { count } from "../util/words.ts";

/**
 * What is odd about new rows of a table whose columns are known, in sentences: numbers and dates far from those of the training rows, rows of totals,
 * text that no row of the training part had, columns that lack most values where no training row lacked one, numbers that say no unit where those of the training rows had one, pixels on another scale than those.
 *
 * @param white what is white where the columns are pixels, if that is known
 */
export function rowRemarks(encoding: TableEncoding, table: Table, white?: number): readonly string[] {
  const far = distantIn(table.name, encoding, [encodeInputs(encoding, table)]);
  const totals = totalsIn(table)?.sentence;
  const tones = white === undefined ? undefined : toneRemark(white, encoding, table);
  return [
    ...(tones === undefined ? [] : [tones]),
    ...(far === undefined ? [] : [`${far.sentence}; check their ${doubtful(encoding, far.names)}`]),
    ...(totals === undefined ? [] : [totals]),
    ...unknownTexts(encoding, table),
    ...unknownGaps(encoding, table),
    ...encoding.columns.flatMap((known) => {
      const unit = "notation" in known ? known.notation?.unit : undefined;
      const column = table.columns.find(({ name }) => name === known.name);
      const bare = unit === undefined || !column ? 0 : bareIn(column);
      return bare === 0
        ? []
        : [
            `${count(bare, "value")} of ${table.name} in "${cut(known.name)}" ${bare === 1 ? "has" : "have"} no unit and ${bare === 1 ? "is" : "are"} taken as ${cut(unit ?? "")}, as in the training data`,
          ];
    }),
  ];
}

/** What makes values of these columns lie far off by mistake. */
function doubtful({ columns }: TableEncoding, names: readonly string[]): string {
  const kinds = columns.flatMap(({ name, kind }) => (names.includes(name) ? [kind] : []));
  const causes = [kinds.includes("number") && "units", kinds.includes("date") && "years"];
  return causes.filter((cause) => cause !== false).join(" and ");
}

function unknownTexts({ columns }: TableEncoding, table: Table): string[] {
  return columns.flatMap((known) => {
    const column = table.columns.find(({ name }) => name === known.name);
    if (known.kind !== "category" || !column) return [];
    const texts = textOf(column).filter((text) => text !== null);
    const unknown = unknownLevels(known, texts);
    if (unknown.length === 0) return [];
    const one = unknown.length === 1;
    return [
      `${unknown.length} of ${count(texts.length, "value")} of ${table.name} in "${cut(known.name)}" ${one ? "was" : "were"} not in the training part (${listed([...new Set(unknown)])}) and ${one ? "counts" : "count"} as none of its levels; if ${one ? "it" : "one"} is a level spelled another way, correct it`,
    ];
  });
}

/** Of columns of which no training row lacked a value, and most rows do: what stands in for it. */
function unknownGaps({ columns }: TableEncoding, table: Table): string[] {
  const gaps = columns.flatMap(({ name, kind, missing }) => {
    const column = missing ? undefined : table.columns.find((other) => other.name === name);
    const share = column ? missingIn(column) / table.rows : 0;
    return share > 0.5 ? [{ name, share, text: kind === "category" }] : [];
  });
  if (gaps.length === 0) return [];
  const standIns = [
    gaps.some(({ text }) => !text) && "the medians of the training part",
    gaps.some(({ text }) => text) && "none of the known levels",
  ].filter((standIn) => standIn !== false);
  const how = gaps.every(({ share }) => share === 1) ? "all" : "most";
  return [
    `${how} values of ${table.name} in ${listed(gaps.map(({ name }) => name))} are missing, of which the training part lacks none, and count as ${standIns.join(" or ")}; fill them in, or doubt the answers`,
  ];
}

/** How many numbers of a column say no unit: all that are no text. */
function bareIn(column: Column): number {
  if (column.kind === "words") return 0;
  const { bare, notation, values } = column;
  if (bare !== undefined || notation?.unit !== undefined) return bare ?? 0;
  return values.filter((value) => !Number.isNaN(value)).length;
}
