import { existsSync } from "node:fs";
import { join } from "node:path";

import { inputError } from "../../util/error.ts";
import { optionText } from "../../util/option-text.ts";
import { cifar, cifarFiles, type CifarOptions, type CifarSet } from "../cifar.ts";
import type { NamedBytes } from "../named-bytes.ts";
import type { SupervisedData } from "../supervised-data.ts";
import { untar } from "../tar.ts";
import { downloadFile, type DownloadOptions } from "./download.ts";
import { anew, type Keep } from "./keep.ts";
import { readBytes } from "./read.ts";

/**
 * CIFAR-10 or CIFAR-100 from their binary files, or from the published archive of them, in the directory or in a subfolder of it.
 *
 * @throws {HypertrainError} naming the files that are missing or malformed.
 */
export async function readCifar(
  set: CifarSet,
  directory: string,
  options: CifarOptions = {},
  kept: Keep = anew,
): Promise<SupervisedData> {
  const { train, test } = cifarFiles[set];
  const { archive, folder } = published[set];
  const folders = [join(directory, set), join(directory, folder), directory];
  const names = [...train, test];
  const whole = folders.find((at) => names.every((name) => existsSync(join(at, name))));
  const packed = folders
    .flatMap((at) => [join(at, archive), join(at, `${archive}.gz`)])
    .find((path) => existsSync(path));
  const read = async (): Promise<readonly (NamedBytes | undefined)[]> => {
    if (whole !== undefined) return Promise.all(names.map((name) => readBytes(join(whole, name))));
    if (packed === undefined) return [];
    const files = untar(await readBytes(packed));
    return names.map((name) => files.get(name));
  };
  const files = await kept(read);
  const missing = names.filter((_, i) => files[i] === undefined);
  if (missing.length > 0) {
    throw inputError(
      `the directory ${directory} must hold ${archive}.gz or the files of ${set} in binary form (there, in ${set}/ or in ${folder}/), but lacks ${missing.join(", ")}; name their directory with ${optionText("dataDir")} or fetch them with ${optionText("download")}`,
    );
  }
  const found = files as readonly NamedBytes[]; // none is missing
  return cifar(set, { train: found.slice(0, -1), test: found.at(-1) as NamedBytes }, options);
}

/** Fetches the archive of a set into its subfolder of a directory, unless it is there. @throws {HypertrainError} as `downloadFile` does. */
export function downloadCifar(
  set: CifarSet,
  directory: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { archive, sha256 } = published[set];
  const path = join(directory, set, archive);
  return downloadFile({ url: `${ADDRESS}${archive}.gz`, sha256, path, summed: "as it is" }, options);
}

const ADDRESS = "https://www.cs.toronto.edu/~kriz/";

const published: Readonly<Record<CifarSet, { archive: string; folder: string; sha256: string }>> = {
  cifar10: {
    archive: "cifar-10-binary.tar",
    folder: "cifar-10-batches-bin",
    sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  },
  cifar100: {
    archive: "cifar-100-binary.tar",
    folder: "cifar-100-binary",
    sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
  },
};
