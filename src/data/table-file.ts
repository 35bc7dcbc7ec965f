import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { csvRules, type CsvOptions } from "./csv-options.ts";
import { parseCsv } from "./csv.ts";
import { parseJsonLines } from "./json-lines.ts";
import { aFile, type NamedBytes } from "./named-bytes.ts";
import { isNpy } from "./npy.ts";
import type { Table } from "./table.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import type { Rules } from "../util/rule.ts";

/** The extensions of files that are tables. */
export const tableExtensions = [
  ".csv",
  ".tsv",
  ".txt",
  ".jsonl",
  ".ndjson",
  ".parquet",
  ".npz",
  ".npy",
] as const;

const { name: _ofFile, ...others } = csvRules;

/** What options of {@link parseTable} must be. */
export const parseRules: Rules<Omit<CsvOptions, "name">> = others;

/**
 * Reads a table from a file of any format that is known: Parquet, `.npy` and `.npz` are told by their first bytes, JSON lines by their
 * name, anything else is separated text.
 *
 * @throws {HypertrainError} for what cannot be read, for options of separated text where there is none, and for others.
 */
export async function parseTable(file: NamedBytes, options: Omit<CsvOptions, "name"> = {}): Promise<Table> {
  demandGiven("parseTable", { file }, { file: aFile });
  ownOptions("parseTable", options, parseRules);
  const { name, bytes } = file;
  const format = formatOf(file);
  if (format) {
    const odd = (["separator", "header"] as const).find((option) => options[option] !== undefined);
    if (!odd) return format.parse(file, options);
    throw inputError(
      `${optionText(odd, options[odd])} must go with separated text such as CSV, but ${name} is ${format.called}; leave it out`,
    );
  }
  const extension = extensionOf(name);
  const expected = binary[extension];
  if (expected) {
    throw inputError(
      `${name} must be ${expected}, but does not start as one; check that it is the right file`,
    );
  }
  if (firstBytes(bytes).startsWith("\0\0\u0008") || extension.endsWith("-ubyte")) {
    throw inputError(
      `${name} must be a table, but seems to be an idx file; give it as a set of images (${optionText("data", "mnist")}, with its folder in ${optionText("dataDir")})`,
    );
  }
  return parseCsv(bytes, { ...options, name });
}

/** Whether a file is read as separated text, which alone has a separator and may lack names of columns. */
export const isSeparatedText = (file: NamedBytes): boolean => formatOf(file) === undefined;

interface Format {
  readonly called: string;
  parse(file: NamedBytes, options: Pick<CsvOptions, "types">): Table | Promise<Table>;
}

/** What a file is beside separated text. */
function formatOf({ name, bytes }: NamedBytes): Format | undefined {
  const start = firstBytes(bytes);
  if (start === "PAR1") return formats.parquet;
  if (isNpy(bytes)) return formats.npy;
  if (start === "PK\u0003\u0004") return formats.npz;
  return [".jsonl", ".ndjson", ".json"].includes(extensionOf(name)) ? formats.json : undefined;
}

/** Their libraries are loaded where they are needed. */
const formats = {
  parquet: {
    called: "a Parquet file",
    parse: async (file, options) => (await import("./parquet.ts")).parseParquet(file, options),
  },
  npy: {
    called: "a file of numpy.save",
    parse: async (file, options) => (await import("./numpy-table.ts")).parseNpyTable(file, options),
  },
  npz: {
    called: "a zip file",
    parse: async (file, options) => (await import("./numpy-table.ts")).parseNpz(file, options),
  },
  json: { called: "JSON", parse: parseJsonLines },
} satisfies Readonly<Record<string, Format>>;

const firstBytes = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 4));

const extensionOf = (name: string): string => /\.\w+$/.exec(name)?.[0].toLowerCase() ?? "";

const binary: Readonly<Record<string, string>> = {
  ".parquet": "a Parquet file",
  ".npy": "a file of numpy.save",
  ".npz": "a file of numpy.savez",
};
