import { inputError } from "../util/error.ts";
import { isRecord } from "../util/record.ts";
import { byName, flag, needed, oneOf, text, type Rules, type ValueRule } from "../util/rule.ts";
import type { ColumnTypes } from "./column-types.ts";
import { cut } from "./quote.ts";
import type { Separator } from "./separator.ts";

/** How to read a table from text. */
export interface CsvOptions {
  /** What errors call the text: its file's name. */
  readonly name: string;
  /** Default: that of a line `sep=;` at the start, else detected from the first lines. */
  readonly separator?: Separator | undefined;
  /**
   * Whether the first row names the columns; they are `column1`, `column2`, … otherwise. Default: it does if a column is
   * numbers below it but not in it, or if it holds the name `target`.
   */
  readonly header?: boolean | undefined;
  /** A name that only a header can hold. */
  readonly target?: string | undefined;
  /**
   * How the values of named columns are to be read, such as `{ zip: "text" }`; for files that must be like another see `columnTypesOf`.
   * Default: found out.
   */
  readonly types?: ColumnTypes | undefined;
}

/** The types of a column that need no notation. */
export const columnType = oneOf("text", "number", "date");

const typeOrNotation: ValueRule<ColumnTypes[string]> = {
  must: `${columnType.must}, or a notation such as { decimal: "," }`,
  holds: (value) => columnType.holds(value) || (isRecord(value) && "decimal" in value),
};

/** What {@link CsvOptions} must be. */
export const csvRules = {
  ...{ name: needed(text), separator: text, header: flag, target: text, types: byName(typeOrNotation) },
} satisfies Rules<CsvOptions>;

/**
 * Demands of text that it is none of a file's path in the place of the file's bytes.
 *
 * @param called the function that was given it
 * @throws {HypertrainError}
 */
export function demandNoPath(called: string, content: string | Uint8Array): void {
  if (typeof content !== "string" || /[\r\n]/.test(content) || !looksLikePath.test(content.trim())) return;
  throw inputError(
    `\`content\` of ${called} must be ${textOrBytes.must}, but got "${cut(content)}", which seems to be the path of a file; give its bytes, such as readFileSync("${cut(content)}")`,
  );
}

/** One that begins as none but paths do, or the name of a file of a kind that holds tables. */
const looksLikePath =
  /^(\/|~\/|\.{1,2}[/\\]|[a-z]:\\|file:)|^[^,;\t|]*\.(csv|tsv|tab|txt|dat|data|json|jsonl|ndjson|parquet|npy|npz|gz|zip)$/i;

/** What text must be. */
export const textOrBytes: ValueRule<string | Uint8Array> = {
  must: "a text, or its bytes as a Uint8Array",
  holds: (value) => typeof value === "string" || value instanceof Uint8Array,
};
