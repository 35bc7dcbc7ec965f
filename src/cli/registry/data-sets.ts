/** What `--data` names: a data set by name, a folder of images, or a table of a user's own and how it is read. */
import { existsSync } from "node:fs";

import type { DataReport } from "../../api/data-report.ts";
import type { ExamplesReport } from "../../api/examples-report.ts";
import { examplesReport } from "../../data/examples-report.ts";
import {
  examineImageFolder,
  readImageFolder,
  type ImageFolderOptions,
} from "../../data/node/image-folder.ts";
import { readTableData } from "../../data/node/read.ts";
import type { SupervisedData } from "../../data/supervised-data.ts";
import type { TableDataOptions } from "../../data/table-options.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { oneLine } from "../../util/text.ts";
import type { Config } from "../config/config.ts";
import { dataSetNames, dataSetOfName } from "../data-sets/data-set-names.ts";
import type { LoadOptions } from "../data-sets/data-set-by-name.ts";
import { partSizes } from "../data-sets/part-sizes.ts";
import { type FieldName, flagOf } from "../config/fields.ts";
import { allInFlags } from "../terminal/in-flags.ts";
import { isDirectory } from "../files/is-directory.ts";
import { demandRandomParts, forFolds, withFolds } from "./folds.ts";

/** Fields that are for tables of the user's own, and for what else has a use for them. */
const ofTables = [
  ...["target", "task", "header", "valid", "test", "splitBy", "missing", "separator", "ignore", "keep"],
  ...["group", "timeColumn", "stratify", "types", "dates", "targetTransform"],
] as const satisfies readonly FieldName[];

/** The data of a configuration. */
export async function loadData(config: Config, options: LoadOptions): Promise<SupervisedData> {
  const { data, folds } = config;
  const set = dataSetOfName(data);
  const isFolder = !set && isDirectory(data);
  if (!isFolder && config.imageSize !== undefined) {
    throw inputError(`--image-size must go with a folder of images, but the data is ${data}; leave it out`);
  }
  if (folds !== undefined) demandRandomParts(config);
  const [settings, how] = folds === undefined ? [config, options] : forFolds(config, options);
  const { joined, kept } = how;
  if (!set && !isFolder) return csv({ ...settings, joined }, kept);
  demandUsed(config, set?.options ?? ["valid", "test"]);
  return set ? set.read(settings, how) : readImageFolder(data, folderOptions(settings, how), kept);
}

/** Demands that no field is given that is for tables, but for these. */
function demandUsed(config: Config, known: readonly string[]): void {
  for (const field of ofTables) {
    if (config[field] === undefined || known.includes(field)) continue;
    throw inputError(
      `${flagOf(field)} must go with a table of your own, but the data is ${config.data}; leave it out, or name a file with a table`,
    );
  }
}

const folderOptions = (
  { seed, imageSize, ...config }: Config,
  { joined = false }: LoadOptions,
): ImageFolderOptions => ({
  ...{ seed, joined, ...partSizes(config) },
  ...(imageSize !== undefined && { side: imageSize }),
  ...(config.folds !== undefined && { folds: config.folds }),
});

/** What `inspect` says of data. */
export interface Examined {
  readonly report: DataReport | ExamplesReport;
  /** Absent where the report says why there are none. */
  readonly data?: SupervisedData;
}

/**
 * The data of a configuration, and what people should know of them: of a folder of images also where none could be trained on.
 *
 * @throws {HypertrainError} for all else that cannot be read.
 */
export async function examineData(config: Config): Promise<Examined> {
  const { report, ...made } = await examined(config);
  return { report: config.folds === undefined ? report : withFolds(report), ...made };
}

async function examined(config: Config): Promise<Examined> {
  if (dataSetOfName(config.data) || !isDirectory(config.data)) {
    const data = await loadData(config, {});
    return { report: data.report ?? examplesReport(data), data };
  }
  demandUsed(config, ["valid", "test"]);
  if (config.folds !== undefined) demandRandomParts(config);
  const [settings, how] = config.folds === undefined ? [config, {}] : forFolds(config, {});
  const { report, ...made } = await examineImageFolder(config.data, folderOptions(settings, how));
  return { report: allInFlags(report), ...made };
}

async function csv(config: TableConfig, kept: LoadOptions["kept"]): Promise<SupervisedData> {
  const { data, target, header, separator, types } = config;
  if (!/[./\\]/.test(data) && !existsSync(data)) {
    throw inputError(
      `the data must be one of ${dataSetNames.join(", ")}, a file with a table or a folder of images, but got "${oneLine(data)}"${nearest(data, dataSetNames) || "; name one"}`,
    );
  }
  if (!existsSync(data)) {
    throw inputError(
      `${oneLine(data)} must be a file with a table or a folder with images, but there is none; check the path`,
    );
  }
  if (target === undefined) {
    throw inputError(
      `a table must come with the column to predict, but ${data} got no --target; name the column${isPlainText(data) ? `, or for a text take --data text --data-dir ${data} --model lstm` : ""}`,
    );
  }
  const options = { target, header, types, separator: separatorOf(separator), ...tableOptions(config) };
  const { warnings, report, ...read } = await readTableData(data, options, kept && { kept });
  return { ...read, warnings: allInFlags(warnings), ...(report && { report: allInFlags(report) }) };
}

const isPlainText = (path: string): boolean => /\.(txt|md)(\.gz)?$/i.test(path);

type TableConfig = Config & Pick<TableDataOptions, "joined">;

/** What is made of a table. */
function tableOptions(config: TableConfig): Omit<TableDataOptions, "target"> {
  const { task, seed, splitBy, stratify, group, timeColumn, ignore, keep, missing, dates, targetTransform } =
    config;
  requireOneSplit(config);
  const sizes = partSizes(config);
  return {
    task,
    seed,
    splitBy,
    stratify,
    group,
    timeColumn,
    ignore,
    keep,
    missing,
    dates,
    targetTransform,
    joined: config.joined,
    folds: config.folds,
    ...sizes,
  };
}

/** Only one of the ways to split can be meant. */
function requireOneSplit({ group, timeColumn, stratify, splitBy }: Config): void {
  const given = [
    ...(group === undefined ? [] : ["--group"]),
    ...(timeColumn === undefined ? [] : ["--time-column"]),
    ...(splitBy === "tail" ? ["--split-by tail"] : []),
    ...(stratify === true ? ["--stratify"] : []),
  ];
  if (given.length < 2) return;
  throw inputError(
    `the rows must be split in one way, but got ${given.join(" and ")}; leave all but one out`,
  );
}

/**
 * The separator that a flag names, by itself or, where it is hard to type, as `tab`, `comma` and so on; nothing where it is left out.
 *
 * @throws {HypertrainError} if it is none.
 */
export function separatorOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const known: Readonly<Record<string, string>> = {
    tab: "\t",
    "\\t": "\t",
    comma: ",",
    semicolon: ";",
    bar: "|",
    pipe: "|",
    blank: "whitespace",
    space: "whitespace",
    " ": "whitespace",
    whitespace: "whitespace",
  };
  const separator = Object.hasOwn(known, name) ? (known[name] as string) : name;
  if (separator === "whitespace" || (separator.length === 1 && !/["\n\r#\w]/.test(separator)))
    return separator;
  throw inputError(
    `--separator must be one character such as , ; or |, or tab or whitespace, but got "${oneLine(name)}"; name what stands between the fields`,
  );
}
