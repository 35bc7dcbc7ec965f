import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { cifarFiles } from "../../src/data/cifar.ts";
import { imageSetFiles } from "../../src/data/mnist.ts";
import { findImageFile } from "../../src/data/node/mnist.ts";
import { readBytes } from "../../src/data/node/read.ts";
import { inputError } from "../../src/util/error.ts";

/** How many of a set's first images there are to be. */
export interface ImageCounts {
  readonly train: number;
  readonly test: number;
}

/** The sets that can be cut. */
export type CutSet = "cifar10" | "mnist" | "fashion-mnist";

/**
 * Writes the first images of a set to a folder of their own, in the set's own format: of CIFAR-10 as many of each of the five training files.
 *
 * @returns the folder, for `--data-dir`
 */
export async function fewerImages(
  set: CutSet,
  dataDir: string,
  folder: string,
  counts: ImageCounts,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const files = set === "cifar10" ? cifarCuts(dataDir, counts) : idxCuts(set, dataDir, counts);
  for (const { name, path, cut } of files) {
    if (path === undefined)
      throw inputError(`${dataDir} must hold ${name} of ${set}, but does not; see docs/data.md`);
    await writeFile(join(folder, name), cut((await readBytes(path)).bytes));
  }
  return folder;
}

interface Cut {
  readonly name: string;
  readonly path: string | undefined;
  cut(bytes: Uint8Array): Uint8Array;
}

const CIFAR_RECORD = 1 + 3 * 32 * 32;

function cifarCuts(dataDir: string, { train, test }: ImageCounts): Cut[] {
  const { train: names, test: testName } = cifarFiles.cifar10;
  const cut = (name: string, records: number): Cut => ({
    name,
    path: ["cifar10", "cifar-10-batches-bin", "."]
      .map((folder) => join(dataDir, folder, name))
      .find((path) => existsSync(path)),
    cut: (bytes) => bytes.subarray(0, records * CIFAR_RECORD),
  });
  return [...names.map((name) => cut(name, Math.ceil(train / names.length))), cut(testName, test)];
}

function idxCuts(set: "mnist" | "fashion-mnist", dataDir: string, { train, test }: ImageCounts): Cut[] {
  return Object.entries(imageSetFiles).map(([part, name]) => ({
    name,
    path: findImageFile(set, dataDir, name),
    cut(bytes) {
      const count = part.startsWith("train") ? train : test;
      const [header, record] = part.endsWith("Images") ? [16, 28 * 28] : [8, 1];
      const few = new Uint8Array(bytes.subarray(0, header + count * record)); // a copy, which a Buffer's slice is not
      new DataView(few.buffer).setUint32(4, count); // idx: magic number, then how many
      return few;
    },
  }));
}
