import type { Score } from "../api/trace.ts";
import { rowRemarks } from "../data/row-remarks.ts";
import { takeTableRows } from "../data/table-rows.ts";
import { textOf } from "../data/column-values.ts";
import { encodeInputs } from "../data/encode-inputs.ts";
import { decodeQuantity, encodeTarget } from "../data/encode-target.ts";
import type { TableEncoding } from "../data/table-encoding.ts";
import { aTable, someCells, tableOf, type Table } from "../data/table.ts";
import { inputError } from "../util/error.ts";
import { demandGiven } from "../util/given.ts";
import { byName, either, type ValueRule } from "../util/rule.ts";
import { classAnswers, type Prediction } from "./answers.ts";
import type { AskedNetwork } from "./asked-network.ts";
import type { ModelDocument } from "./model-document.ts";

/** A trained model that answers for new rows of a table. */
export interface TableModel {
  readonly kind: "table";
  readonly document: ModelDocument & WithEncoding;
  /**
   * The answers for the rows of a table, whose columns are found by name: numbers or text, unknown text and missing values as in
   * training.
   *
   * @param rows a table, or values by column
   * @throws {HypertrainError} naming all columns that are missing, and for what is no table and has no values by column.
   */
  predict(rows: Table | RowsByColumn): Promise<Prediction>;
  /**
   * What is odd about rows, in sentences, none where they are as those of training: values far from these, rows of totals, text that
   * these did not have, numbers without the unit that these had, pixels on another scale. `predict` answers for them all the same.
   *
   * @throws {HypertrainError} as `predict` does.
   */
  remarksOn(rows: Table | RowsByColumn): readonly string[];
  /** Loss and metric on rows whose target is known. @throws {HypertrainError} if the table lacks the target, or has a class that is not known. */
  score(table: Table): Promise<Score>;
  /** Frees the engine's memory; a second time does nothing. Afterwards the model cannot be asked. */
  dispose(): void;
}

/** Values by column. */
type RowsByColumn = Readonly<Record<string, ArrayLike<unknown>>>;

type WithEncoding = { readonly encoding: TableEncoding };

/** Whether a model was trained on a table. */
export const takesRows = (document: ModelDocument): document is ModelDocument & WithEncoding =>
  document.encoding !== undefined;

/** A model of a table, around its network. */
export function tableModel(document: ModelDocument & WithEncoding, network: AskedNetwork): TableModel {
  const { encoding } = document;
  const outputsOf = (table: Table) =>
    network.outputs({ rows: table.rows, fields: { x: encodeInputs(encoding, table) } }, BATCH);
  return {
    kind: "table",
    document,
    async predict(rows) {
      return answersOf(document, await outputsOf(asTable("predict", rows)));
    },
    remarksOn: (rows) => rowRemarks(encoding, asTable("remarksOn", rows), document.images?.white),
    async score(table) {
      demandGiven("score", { table }, { table: aTable });
      const known = withTarget(encoding, table);
      const y = encodeTarget(encoding, known);
      return network.score(await outputsOf(known), y);
    },
    dispose: () => network.dispose(),
  };
}

function asTable(of: string, rows: Table | RowsByColumn): Table {
  demandGiven(of, { rows }, { rows: either(aTable, valuesByColumn) });
  return isTable(rows) ? rows : tableOf("the rows", rows);
}

const valuesByColumn: ValueRule<RowsByColumn> = {
  must: "lists of values by column, such as { age: [31, 40] }",
  holds: (value) => byName(someCells).holds(value),
};

const isTable = (rows: Table | RowsByColumn): rows is Table => aTable.holds(rows);

/** Rows that go through the network at once. */
const BATCH = 512;

function answersOf(
  { encoding, loss }: ModelDocument & WithEncoding,
  outputs: readonly number[][],
): Prediction {
  const { target } = encoding;
  if (target.kind === "classes") return classAnswers(target.classes, loss, outputs);
  return { kind: "numbers", values: outputs.map(([y]) => decodeQuantity(target, y as number)) };
}

/** The rows whose target is not missing. */
function withTarget({ target }: TableEncoding, table: Table): Table {
  const column = table.columns.find(({ name }) => name === target.name);
  if (!column) return table; // which encodeTarget refuses by name
  const rows = textOf(column).flatMap((value, row) => (value === null ? [] : [row]));
  if (rows.length > 0) return takeTableRows(table, Uint32Array.from(rows));
  throw inputError(
    `the target column of ${table.name} must have values to score a model, but all are missing`,
  );
}
