/** What the names of data sets stand for, and how tables of a user's own are read. */
import { existsSync, statSync } from "node:fs";

import type { DataReport } from "../../api/data-report.ts";
import type { BundledOptions } from "../../data/bundled.ts";
import type { CifarSet } from "../../data/cifar.ts";
import { type ImageSet, isEmnist } from "../../data/mnist.ts";
import { readBundled } from "../../data/node/bundled.ts";
import { downloadCifar, readCifar } from "../../data/node/cifar.ts";
import { downloadImageSet } from "../../data/node/download-image-set.ts";
import type { DownloadProgress } from "../../data/node/download.ts";
import { readImageFolder } from "../../data/node/image-folder.ts";
import { readImageSet } from "../../data/node/mnist.ts";
import { readTableData } from "../../data/node/read.ts";
import { readText } from "../../data/node/text.ts";
import type { PartSize, PartSizes } from "../../data/split.ts";
import type { SupervisedData } from "../../data/supervised-data.ts";
import type { TableDataOptions } from "../../data/table-data.ts";
import type { TokenKind } from "../../data/text.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { shown } from "../../util/text.ts";
import type { Config } from "../config.ts";
import { type FieldName, flagOf } from "../fields.ts";

/** What loading a task needs from outside. */
export interface LoadOptions {
  readonly onDownload?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Whether the validation rows train as well. */
  readonly joined?: boolean;
}

type DataReader = (config: Config, options: LoadOptions) => Promise<SupervisedData>;

const dataSets = {
  digits: (config, { joined }) => readBundled("digits", bundledOptions(config, joined)),
  diabetes: (config, { joined }) => readBundled("diabetes", bundledOptions(config, joined)),
  wine: (config, { joined }) => readBundled("wine", bundledOptions(config, joined)),
  mnist: (config, options) => imageSet("mnist", config, options),
  "fashion-mnist": (config, options) => imageSet("fashion-mnist", config, options),
  "emnist-letters": (config, options) => imageSet("emnist-letters", config, options),
  "emnist-digits": (config, options) => imageSet("emnist-digits", config, options),
  "emnist-mnist": (config, options) => imageSet("emnist-mnist", config, options),
  "emnist-balanced": (config, options) => imageSet("emnist-balanced", config, options),
  "emnist-bymerge": (config, options) => imageSet("emnist-bymerge", config, options),
  "emnist-byclass": (config, options) => imageSet("emnist-byclass", config, options),
  ptb: (config, options) => textOf(config, "word", options),
  text: (config, options) => textOf(config, "character", options),
  cifar10: (config, options) => cifarSet("cifar10", config, options),
  cifar100: (config, options) => cifarSet("cifar100", config, options),
} satisfies Readonly<Record<string, DataReader>>;

const bundledOptions = (config: Config, joined = false): BundledOptions => ({
  seed: config.seed,
  joined,
  ...partSizes(config),
});

/** Fields that only some data has a use for. */
const dataFields: Readonly<Record<string, readonly FieldName[]>> = {
  digits: ["valid", "test"],
  diabetes: ["valid", "test"],
  wine: ["valid", "test"],
  ptb: [],
  text: ["valid", "test"],
};

/** Fields that are for tables of the user's own, but for those in {@link dataFields}. */
const ofTables = [
  ...["target", "task", "header", "valid", "test", "splitBy", "missing", "separator", "ignore", "keep"],
  ...["group", "timeColumn", "stratify", "dates", "targetTransform"],
] as const satisfies readonly FieldName[];

/** The data of a configuration. */
export async function loadData(config: Config, options: LoadOptions): Promise<SupervisedData> {
  const { data } = config;
  const isFolder = !Object.hasOwn(dataSets, data) && isDirectory(data);
  if (!isFolder && !Object.hasOwn(dataSets, data)) return csv({ ...config, joined: options.joined });
  const known = isFolder ? ["valid", "test"] : (dataFields[data] ?? ["valid"]); // sets of images have a test part
  for (const field of ofTables) {
    if (config[field] === undefined || known.includes(field)) continue;
    throw inputError(
      `${flagOf(field)} must go with a table of your own, but the data is ${data}; leave it out, or name a file with --data`,
    );
  }
  if (isFolder) return imageFolder(config, options);
  if (config.imageSize !== undefined) {
    throw inputError(`--image-size must go with a folder of images, but the data is ${data}; leave it out`);
  }
  return dataSets[data as keyof typeof dataSets](config, options);
}

const textOf = (
  config: Config,
  kind: TokenKind,
  { joined = false }: LoadOptions,
): Promise<SupervisedData> => {
  const { dataDir, bptt: steps = 35, tokens = kind, vocabulary } = config;
  return readText(dataDir, {
    steps,
    tokens,
    joined,
    ...(vocabulary !== undefined && { vocabulary }),
    ...partSizes(config),
  });
};

async function imageSet(
  set: ImageSet,
  { dataDir, download, valid }: Config,
  { onDownload, signal, joined = false }: LoadOptions,
): Promise<SupervisedData> {
  if (download && !isEmnist(set)) {
    await downloadImageSet(set, dataDir, {
      ...(onDownload && { onProgress: onDownload }),
      ...(signal && { signal }),
    });
  }
  return readImageSet(set, dataDir, { joined, ...(valid !== undefined && { valid: partSize(valid) }) });
}

const imageFolder = (
  { data, seed, imageSize, ...config }: Config,
  { joined = false }: LoadOptions,
): Promise<SupervisedData> =>
  readImageFolder(data, {
    ...{ seed, joined, ...partSizes(config) },
    ...(imageSize !== undefined && { side: imageSize }),
  });

async function cifarSet(
  set: CifarSet,
  { dataDir, download, valid }: Config,
  { onDownload, signal, joined = false }: LoadOptions,
): Promise<SupervisedData> {
  if (download) {
    await downloadCifar(set, dataDir, {
      ...(onDownload && { onProgress: onDownload }),
      ...(signal && { signal }),
    });
  }
  return readCifar(set, dataDir, { joined, ...(valid !== undefined && { valid: partSize(valid) }) });
}

/**
 * The data report of a configuration's table, without training.
 *
 * @throws {HypertrainError} for what cannot be read.
 */
export async function inspectTable(config: Config): Promise<DataReport> {
  const { report } = await csv(config);
  if (!report) throw new Error("internal: a table must come with a report");
  return report;
}

async function csv(config: TableConfig): Promise<SupervisedData> {
  const { data, target, header, separator } = config;
  if (!/[./\\]/.test(data) && !existsSync(data)) {
    const names = Object.keys(dataSets);
    throw inputError(
      `--data must be one of ${names.join(", ")} or a file with a table, but got "${shown(data)}"${nearest(data, names)}`,
    );
  }
  if (target === undefined) {
    throw inputError(
      `a table must come with the column to predict, but ${data} got no --target; name the column`,
    );
  }
  return readTableData(data, { target, header, separator: separatorOf(separator), ...tableOptions(config) });
}

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
    `--separator must be one character such as , ; or |, or tab or whitespace, but got "${shown(name)}"; name what stands between the fields`,
  );
}

/** The sizes that a configuration gives. */
const partSizes = ({ valid, test }: Pick<Config, "valid" | "test">): PartSizes => ({
  ...(valid !== undefined && { valid: partSize(valid) }),
  ...(test !== undefined && { test: partSize(test) }),
});

/** Below 1 a fraction, else a number of rows. */
const partSize = (size: number): PartSize => (size < 1 ? size : { rows: size });

/** Whether a path is a directory; a path that no file can have is none. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
