import { existsSync, statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";

import { inputError } from "../../util/error.ts";
import { optionText } from "../../util/option-text.ts";
import { textOf } from "../named-bytes.ts";
import type { SupervisedData } from "../supervised-data.ts";
import { textData, type TextOptions, type TextParts } from "../text.ts";
import { anew, type Keep } from "./keep.ts";
import { readBytes } from "./read.ts";

/**
 * A text from one file, whose end validates and tests, or from a directory with a file for each part, whose names have the parts' in them: `train.txt`,
 * `ptb.valid.txt.gz`, `test.txt`. Files are UTF-8, plain or gzip.
 *
 * @throws {HypertrainError} if a file is missing or is no text.
 */
export async function readText(
  path: string,
  options: Omit<TextOptions, "name">,
  kept: Keep = anew,
): Promise<SupervisedData> {
  if (!existsSync(path)) {
    throw inputError(
      `${optionText("dataDir")} must name a text file, or a directory with train, valid and test files, but there is no ${path}; give it, or check the path`,
    );
  }
  const name = basename(path).replace(/(\.txt)?(\.gz)?$/, "");
  return textData(await kept(() => readParts(path)), { ...options, name });
}

async function readParts(path: string): Promise<TextParts> {
  const read = async (file: string) => textOf(await readBytes(file));
  if (!(await stat(path)).isDirectory()) return { train: await read(path) };
  const { train, valid, test } = await textFiles(path);
  if (train === undefined || valid === undefined) {
    throw inputError(
      `${path} must hold the files train.txt and valid.txt, and maybe test.txt, but has no ${train === undefined ? "train" : "valid"} file; name its directory, or one file to cut into parts`,
    );
  }
  return {
    train: await read(train),
    valid: await read(valid),
    ...(test !== undefined && { test: await read(test) }),
  };
}

/** Where the text of a set by name lies: in a folder of that name within a directory that has no training file itself, else there. */
export async function textPlace(directory: string, name: string): Promise<string> {
  const own = join(directory, name);
  if (!statSync(own, { throwIfNoEntry: false })?.isDirectory()) return directory;
  return (await textFiles(directory)).train === undefined ? own : directory;
}

/** The files of a directory that hold a text's parts. */
export async function textFiles(
  folder: string,
): Promise<Record<"train" | "valid" | "test", string | undefined>> {
  const files = await readdir(folder);
  const of = (part: string) => fileOf(folder, files, part);
  return { train: of("train"), valid: of("valid"), test: of("test") };
}

/** `PART.txt`, `ANYTHING.PART.txt` or the same packed; the first by name. */
function fileOf(folder: string, files: readonly string[], part: string): string | undefined {
  const pattern = new RegExp(`^(.*[._-])?${part}([._-].*)?\\.txt(\\.gz)?$|^${part}$`);
  const [found] = files.filter((file) => pattern.test(file)).sort();
  return found === undefined ? undefined : join(folder, found);
}
