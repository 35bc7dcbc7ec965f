import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";

import type { Prediction } from "../../artifacts/answers.ts";
import { loadModel, type Model } from "../../artifacts/load-model.ts";
import { writeWhole } from "../../artifacts/disk.ts";
import type { Score } from "../../api/trace.ts";
import { readBytes } from "../../data/node/read.ts";
import { alikeName, readingOf, type TableEncoding } from "../../data/table-encoding.ts";
import { isSeparatedText, parseTable } from "../../data/table-file.ts";
import type { Table } from "../../data/table.ts";
import { formatLoss, formatMetric, formatNumber, formatTable, metricTitle } from "../../report/format.ts";
import { csvText } from "../../util/csv-text.ts";
import { HypertrainError, inputError } from "../../util/error.ts";
import { cut } from "../../data/quote.ts";
import { inFlags } from "../in-flags.ts";
import { openEngine } from "../registry/engines.ts";
import { separatorOf } from "../registry/data-sets.ts";

/** What `hypertrain predict` accepts. */
export interface PredictFlags {
  /** Where the answers go, as CSV. */
  readonly out?: string;
  readonly separator?: string;
  readonly json?: boolean;
}

/**
 * Answers for the rows of a file by the model of a run.
 *
 * @returns the exit code
 */
export async function predict(
  run: string,
  file: string,
  { out, separator, json = false }: PredictFlags,
): Promise<number> {
  if (out !== undefined) await demandFree(out, run, file);
  const model = await loadModel(run, await openEngine({ engine: "auto" }));
  try {
    const encoding = model.document.encoding as TableEncoding; // loadModel demands one
    const table = await readTable(file, encoding, separator);
    const prediction = await model.predict(table);
    const { score, why } = await scoreOf(model, table);
    if (out !== undefined) await writeWhole(out, csvOf(prediction));
    const unsure = model.remarksOn(table);
    for (const warning of [...table.warnings, ...unsure])
      process.stderr.write(`warning: ${inFlags(warning)}\n`);
    if (why !== undefined) process.stderr.write(`${why}\n`);
    process.stdout.write(
      json ? `${JSON.stringify(documentOf(prediction, score))}\n` : describe(prediction, score, out),
    );
    return 0;
  } finally {
    model.dispose();
  }
}

/** Answers must not take the place of what they are made from, or of a device. @throws {HypertrainError} */
async function demandFree(out: string, run: string, file: string): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (found && !found.isFile()) {
    throw inputError(
      `--out must be a file or a new path, but ${cut(out)} is a ${found.isDirectory() ? "folder" : "device"}; choose another`,
    );
  }
  const place = await realPath(out);
  if (place === (await realPath(file))) {
    throw inputError(
      `--out must be another file than the rows, but got ${cut(out)} for both; choose another`,
    );
  }
  if (!relative(await realPath(run), place).startsWith("..")) {
    throw inputError(
      `--out must lie outside the run folder, whose files are the model, but got ${cut(out)}; choose another`,
    );
  }
}

/** A path without links, whether there is a file of its name or not yet. */
const realPath = async (path: string): Promise<string> =>
  realpath(path).catch(async () =>
    join(await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path))), basename(path)),
  );

/** Columns are named by the first line, unless those that the model knows had no names either. */
async function readTable(
  file: string,
  encoding: TableEncoding,
  separator: string | undefined,
): Promise<Table> {
  const header = !encoding.columns.every((column) => /^column\d+$/.test(column.name));
  const read = await readBytes(file);
  const options = { reading: readingOf(encoding), separator: separatorOf(separator) };
  return parseTable(read, { ...options, ...(isSeparatedText(read) && { header }) });
}

/** Loss and metric where the file holds the target; why there is none where it holds one that cannot be scored. */
async function scoreOf(model: Model, table: Table): Promise<{ score?: Score; why?: string }> {
  const { target } = model.document.encoding as TableEncoding;
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

/** The answers in the order of the file's rows: `prediction`, and for classes `probability.CLASS`. */
function csvOf(prediction: Prediction): string {
  const names = prediction.kind === "classes" ? prediction.classes.map((name) => `probability.${name}`) : [];
  const rows = prediction.values.map((value, i) => [
    String(value),
    ...(prediction.kind === "classes" ? (prediction.probabilities[i] as readonly number[]).map(String) : []),
  ]);
  return csvText([["prediction", ...names], ...rows]);
}

const documentOf = (prediction: Prediction, score: Score | undefined) => ({
  rows: prediction.values.length,
  ...(score && { score }),
  ...prediction,
});

/** Rows that are shown where no file takes them. */
const FEW = 10;

function describe(prediction: Prediction, score: Score | undefined, out: string | undefined): string {
  const { length } = prediction.values;
  const shown = prediction.values
    .slice(0, FEW)
    .map((value, i) => [
      String(i + 1),
      typeof value === "number" ? String(Number(value.toPrecision(6))) : value,
      ...(prediction.kind === "classes"
        ? [formatNumber((prediction.probabilities[i] as readonly number[]).reduce((a, b) => Math.max(a, b)))]
        : []),
    ]);
  const headings = ["row", "prediction", ...(prediction.kind === "classes" ? ["probability"] : [])];
  const metric = score?.metric && `, ${metricTitle(score.metric.name)} ${formatMetric(score.metric)}`;
  const unit = prediction.kind === "numbers" ? " of the standardised target" : "";
  const measures = Object.entries(score?.measures ?? {})
    .map(([name, value]) => `, ${name} ${formatMetric({ name, value })}`)
    .join("");
  const sections = [
    ...(out === undefined ? [formatTable([headings, ...shown])] : []),
    ...(out === undefined && length > FEW ? [`  ${length - FEW} more rows; --out FILE.csv writes all`] : []),
    ...(out === undefined ? [] : [`  ${length} answers in ${out}`]),
    ...(score
      ? [`  on the rows with a target: loss ${formatLoss(score.loss)}${unit}${metric ?? ""}${measures}`]
      : []),
  ];
  return `\n${sections.join("\n\n")}\n`;
}
