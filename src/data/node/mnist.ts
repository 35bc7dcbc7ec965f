import { existsSync } from "node:fs";
import { join } from "node:path";

import { inputError } from "../../util/error.ts";
import { optionText } from "../../util/option-text.ts";
import {
  emnist,
  fashionMnist,
  filesOf,
  isEmnist,
  mnist,
  type EmnistSet,
  type ImageSet,
  type ImageSetBytes,
  type ImageSetOptions,
} from "../mnist.ts";
import type { NamedBytes } from "../named-bytes.ts";
import type { SupervisedData } from "../supervised-data.ts";
import { anew, type Keep } from "./keep.ts";
import { readBytes } from "./read.ts";

/**
 * MNIST, Fashion-MNIST or a part of EMNIST from the original files, plain or gzip, in the directory or in its subfolder of the set's name.
 *
 * @throws {HypertrainError} naming the files that are missing or malformed.
 */
export async function readImageSet(
  set: ImageSet,
  directory: string,
  options: ImageSetOptions = {},
  kept: Keep = anew,
): Promise<SupervisedData> {
  const found = Object.entries(filesOf(set)).map(([part, file]) => ({
    part,
    file,
    path: findImageFile(set, directory, file),
  }));
  const missing = found.filter(({ path }) => path === undefined).map(({ file }) => file);
  if (missing.length > 0) {
    throw inputError(
      `the directory ${directory} must hold the files of ${set} (plain or .gz, there or in ${set}/), but lacks ${missing.join(", ")}; name their directory with ${optionText("dataDir")}${isEmnist(set) ? "" : ` or fetch them with ${optionText("download")}`}`,
    );
  }
  const files = await kept(async () => {
    const contents = found.map(async ({ part, path }): Promise<[string, NamedBytes]> => [
      part,
      await readBytes(path as string), // none is missing
    ]);
    return Object.fromEntries(await Promise.all(contents)) as ImageSetBytes; // the parts of imageSetFiles
  });
  return isEmnist(set) ? emnist(set, files, options) : parsers[set](files, options);
}

/** Where a file of the set is, below the directory that the user names; the set's own subfolder goes first. */
export const findImageFile = (set: ImageSet, directory: string, file: string): string | undefined =>
  [join(directory, set), directory]
    .flatMap((folder) =>
      [file, dotted(file)].flatMap((name) => [join(folder, name), join(folder, `${name}.gz`)]),
    )
    .find((path) => existsSync(path));

/** The other usual name: `train-images.idx3-ubyte`. */
const dotted = (file: string): string => file.replace("-idx", ".idx");

const parsers: Readonly<Record<Exclude<ImageSet, EmnistSet>, typeof mnist>> = {
  mnist,
  "fashion-mnist": fashionMnist,
};
