import { basename } from "node:path";

import type { Prediction } from "../../artifacts/answers.ts";
import { readModelDocument } from "../../artifacts/model-document.ts";
import { runFolder } from "../../artifacts/run-folder.ts";
import type { ImageModel } from "../../artifacts/image-model.ts";
import { loadModel, type LoadModelOptions, type Model } from "../../artifacts/load-model.ts";
import type { TableModel } from "../../artifacts/table-model.ts";
import type { Score } from "../../api/trace.ts";
import { isImage } from "../../data/node/decode-images.ts";
import { findImages } from "../../data/node/find-images.ts";
import { readBytes } from "../../data/node/read.ts";
import { alikeName } from "../../data/encode-inputs.ts";
import { columnTypesOf, type TableEncoding } from "../../data/table-encoding.ts";
import { isSeparatedText, parseTable } from "../../data/table-file.ts";
import type { Table } from "../../data/table.ts";
import { formatNumber } from "../../util/format-number.ts";
import { formatLoss, formatMetric, formatTable, metricTitle } from "../../report/format.ts";
import { lossClause } from "../../report/loss-unit.ts";
import { csvText } from "../../util/csv-text.ts";
import { HypertrainError, inputError } from "../../util/error.ts";
import { cut, listed } from "../../data/quote.ts";
import { inFlags } from "../terminal/in-flags.ts";
import { isDirectory } from "../files/is-directory.ts";
import { loadNetwork } from "../modules/network-module.ts";
import { originOf } from "../run/origin.ts";
import { openConfiguredRun } from "../run/run-config.ts";
import { namedModule, withTrustedModule, type ModuleFlags } from "../run/run-module.ts";
import { openEngine } from "../registry/engines.ts";
import { separatorOf } from "../registry/data-sets.ts";
import { demandOther, demandWritable } from "../files/written-file.ts";
import { answerText, demandAsked, type TextFlags } from "./predict-text.ts";

/** What `hypertrain predict` accepts. */
export interface PredictFlags extends TextFlags, ModuleFlags {
  /** Where the answers go, as CSV. */
  readonly out?: string;
  /** Writes over a file that is there. */
  readonly force?: boolean;
}

/**
 * Answers for the rows of a file or for images, judges a text or continues one, by the model of a run.
 *
 * @param places the file; or images and folders of images
 * @returns the exit code
 */
export async function predict(run: string, places: readonly string[], flags: PredictFlags): Promise<number> {
  const { out, force, json = false } = flags;
  demandAsked(places, flags);
  const write = await demandWritable({ "--out": out }, { force, files: places, run });
  const some = places.some((place) => isDirectory(place) || isImage(place));
  const made = await networkOfModule(run, flags);
  const engine = await openEngine({ engine: "auto" });
  const kind = some ? "images" : flags.continue === undefined ? undefined : "text";
  const model = await loadModel<Model["kind"]>(run, engine, kind, made);
  try {
    if (model.kind === "text") {
      await answerText(model, places, flags);
      return 0;
    }
    const answered =
      model.kind === "table"
        ? await answerRows(model, places, flags)
        : await answerImages(model, places, flags);
    if (out !== undefined) await write(out, csvOf(answered));
    for (const warning of answered.warnings) process.stderr.write(`warning: ${inFlags(warning)}\n`);
    if (answered.why !== undefined) process.stderr.write(`${answered.why}\n`);
    process.stdout.write(json ? `${JSON.stringify(documentOf(answered))}\n` : describe(answered, out));
    return 0;
  } finally {
    model.dispose();
  }
}

/** The network of a run whose module makes it, with the name of its file; nothing of all others. @throws {HypertrainError} where that module is not to be trusted. */
async function networkOfModule(run: string, flags: ModuleFlags): Promise<LoadModelOptions> {
  const { document, path } = runFolder(run);
  const { network, data } = await readModelDocument(document, path);
  const { module } = flags;
  if (!("module" in network)) {
    if (module === undefined) return {};
    throw inputError(
      `--module must come with a run whose network a module makes, but the model.json of ${path} describes its own; leave it out`,
    );
  }
  const { input, outputs } = network;
  const file = module === undefined ? await moduleOfRun(run, flags) : namedModule(module);
  return { network: await loadNetwork(file, { input, outputs }, data), module: basename(file) };
}

async function moduleOfRun(run: string, flags: ModuleFlags): Promise<string> {
  const { folder, config } = await openConfiguredRun(run);
  const asked = { doing: "its answering", always: "--trust" };
  return (await withTrustedModule(folder, await originOf(folder), config, flags, asked)).model;
}

/** What there is to tell. */
interface Answered {
  readonly prediction: Prediction;
  /** Of images, their paths. */
  readonly files?: readonly string[];
  /** Loss and metric where the truth is known. */
  readonly score?: Score | undefined;
  /** What that loss is in; absent where it is plain, as cross-entropies are. */
  readonly lossUnit?: string;
  /** Why there is none where some seemed to be known. */
  readonly why?: string | undefined;
  readonly warnings: readonly string[];
}

/** Answers for the rows of one file. */
async function answerRows(
  model: TableModel,
  places: readonly string[],
  { separator }: PredictFlags,
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

/** Answers for images, which are read a few at a time. */
async function answerImages(
  model: ImageModel,
  places: readonly string[],
  { out, separator }: PredictFlags,
): Promise<Answered> {
  if (separator !== undefined) {
    throw inputError("--separator must go with a file of rows, but got images; leave it out");
  }
  const { files, folders, warnings } = await findImages(places);
  if (out !== undefined) await demandOther("--out", out, files);
  const unlike = await model.remarksOn(files);
  const { classes, why } = classesBy(folders, model.document.classes);
  const { score, ...prediction } = await model.predict(files, classes && { classes });
  const lossUnit = lossClause({ classes: true, loss: model.document.loss });
  return {
    ...{ prediction, files, score, why, warnings: [...warnings, ...unlike] },
    ...(lossUnit !== undefined && { lossUnit }),
  };
}

/** The classes of images by the folders that they lie in; why there are none where some folders seem to be classes. */
function classesBy(
  folders: readonly (string | undefined)[],
  classes: readonly string[],
): { readonly classes?: readonly (string | undefined)[]; readonly why?: string } {
  const places = classOfFolder(classes);
  const names = [...new Set(folders)].filter((name) => name !== undefined);
  const odd = names.filter((name) => !places.has(name));
  if (odd.length === 0) {
    return names.length > 0 ? { classes: folders.map((name) => places.get(name ?? "")) } : {};
  }
  const called = classes.map(folderName);
  const alike = odd.find((name) => alikeName(name, called) !== undefined);
  if (odd.length === names.length && alike === undefined) return {};
  const meant = alike === undefined ? undefined : alikeName(alike, called);
  const replaced = classes.some((name) => !called.includes(name))
    ? ', with "_" for what no folder can have'
    : "";
  return {
    why: `the answers are not scored: the folders must be called as the classes are, ${listed(classes)}${replaced}, but one is called "${cut(alike ?? (odd[0] as string))}"; rename ${meant === undefined ? "it, or leave it out" : `it to "${cut(meant)}"`}`,
  };
}

/** The class that a folder is of, by the folder's name: the class's own, or that which it can have, where no other class has the same. */
function classOfFolder(classes: readonly string[]): ReadonlyMap<string, string> {
  const called = classes.map(folderName);
  const alone = classes.filter(
    (_, i) => called.indexOf(called[i] as string) === called.lastIndexOf(called[i] as string),
  );
  return new Map([
    ...alone.map((name) => [folderName(name), name] as const),
    ...classes.map((name) => [name, name] as const),
  ]);
}

/** A class's name without what file systems forbid. */
const folderName = (name: string): string => name.replace(/[/\\:*?"<>|]/g, "_");

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

/** The answers in the order of what was asked: of images `file`, then `prediction`, and for classes `probability.CLASS`. */
function csvOf({ prediction, files }: Answered): string {
  const names = prediction.kind === "classes" ? prediction.classes.map((name) => `probability.${name}`) : [];
  const rows = prediction.values.map((value, i) => [
    ...(files ? [files[i]] : []),
    String(value),
    ...(prediction.kind === "classes" ? (prediction.probabilities[i] as readonly number[]).map(String) : []),
  ]);
  return csvText([[...(files ? ["file"] : []), "prediction", ...names], ...rows]);
}

const documentOf = ({ prediction, files, score, lossUnit }: Answered) => ({
  rows: prediction.values.length,
  ...(score && { score, ...(lossUnit !== undefined && { lossUnit }) }),
  ...(files && { files }),
  ...prediction,
});

/** Answers that are shown where no file takes them. */
const FEW = 10;

function describe({ prediction, files, score, lossUnit }: Answered, out: string | undefined): string {
  const { length } = prediction.values;
  const shown = prediction.values
    .slice(0, FEW)
    .map((value, i) => [
      files ? cut(files[i] as string) : String(i + 1),
      typeof value === "number" ? String(Number(value.toPrecision(6))) : value,
      ...(prediction.kind === "classes"
        ? [formatNumber((prediction.probabilities[i] as readonly number[]).reduce((a, b) => Math.max(a, b)))]
        : []),
    ]);
  const headings = [
    files ? "file" : "row",
    "prediction",
    ...(prediction.kind === "classes" ? ["probability"] : []),
  ];
  const metric = score?.metric && `, ${metricTitle(score.metric.name)} ${formatMetric(score.metric)}`;
  const measures = Object.entries(score?.measures ?? {})
    .map(([name, value]) => `, ${name} ${formatMetric({ name, value })}`)
    .join("");
  const scored = files ? "images in folders of classes" : "rows with a target";
  const sections = [
    ...(out === undefined ? [formatTable([headings, ...shown])] : []),
    ...(out === undefined && length > FEW
      ? [`  ${length - FEW} more ${files ? "images" : "rows"}; --out FILE.csv writes all`]
      : []),
    ...(out === undefined ? [] : [`  ${length} answers in ${out}`]),
    ...(score ? [`  on the ${scored}: loss ${formatLoss(score.loss)}${metric ?? ""}${measures}`] : []),
    ...(score && lossUnit !== undefined ? [`  ${lossUnit}`] : []),
  ];
  return `\n${sections.join("\n\n")}\n`;
}
