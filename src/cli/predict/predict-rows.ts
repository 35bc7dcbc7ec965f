import type { TableModel } from "../../artifacts/table-model.ts";
import type { Score } from "../../api/trace.ts";
import { alikeName } from "../../data/encode-inputs.ts";
import { readBytes } from "../../data/node/read.ts";
import { cut } from "../../data/quote.ts";
import { columnTypesOf, type TableEncoding } from "../../data/table-encoding.ts";
import { isSeparatedText, parseTable } from "../../data/table-file.ts";
import type { Table } from "../../data/table.ts";
import { lossClause } from "../../report/loss-unit.ts";
import { HypertrainError, inputError } from "../../util/error.ts";
import { separatorOf } from "../registry/data-sets.ts";
import type { Answered } from "./answered.ts";

/** Answers for the rows of one file. @throws {HypertrainError} */
export async function answerRows(
  model: TableModel,
  places: readonly string[],
  { separator }: { readonly separator?: string },
): Promise<Answered> {
  const [file = "", ...others] = places;
  if (others.length > 0) {
    throw inputError(
      `predict must be given one file of rows where the run was on a table, but got ${places.length}; put all rows into one, or ask for one after the other`,
    );
  }
  const table = await readTable(file, model.document.encoding, separator);
  const prediction = await model.predict(table);
  const warnings = [...table.warnings, ...model.remarksOn(table)];
  const { encoding, loss } = model.document;
  const { target } = encoding;
  const isNumber = target.kind === "number";
  const lossUnit = lossClause({ classes: !isNumber, log: isNumber && target.transform === "log", loss });
  return {
    ...{ prediction, ...(await scoreOf(model, table)), warnings },
    ...(lossUnit !== undefined && { lossUnit }),
  };
}

/** Columns are named by the first line, unless those that the model knows had no names either. */
async function readTable(
  file: string,
  encoding: TableEncoding,
  separator: string | undefined,
): Promise<Table> {
  const header = !encoding.columns.every((column) => /^column\d+$/.test(column.name));
  const read = await readBytes(file);
  const options = { types: columnTypesOf(encoding), separator: separatorOf(separator) };
  return parseTable(read, { ...options, ...(isSeparatedText(read) && { header }) });
}

/** Loss and metric where the file holds the target; why there is none where it holds one that cannot be scored. */
async function scoreOf(model: TableModel, table: Table): Promise<{ score?: Score; why?: string }> {
  const { target } = model.document.encoding;
  const names = table.columns.map(({ name }) => name);
  if (!names.includes(target.name)) {
    const alike = alikeName(target.name, names);
    if (alike === undefined) return {};
    return {
      why: `the answers are not scored: the target is called "${cut(target.name)}", but ${table.name} has "${cut(alike)}"; rename it`,
    };
  }
  try {
    return { score: await model.score(table) };
  } catch (error) {
    if (!(error instanceof HypertrainError)) throw error;
    return { why: `the answers are not scored: ${error.message}` };
  }
}
