import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { cifarFiles } from "../../src/data/cifar.ts";
import { imageSetFiles } from "../../src/data/mnist.ts";
import { findImageFile } from "../../src/data/node/mnist.ts";
import { readBytes } from "../../src/data/node/read.ts";
import { textFiles } from "../../src/data/node/text.ts";
import { inputError } from "../../src/util/error.ts";

/** How many of a set's first images, or words, there are to be. Texts are validated on as many words as they are tested on. */
export interface ExampleCounts {
  readonly train: number;
  readonly test: number;
}

/** The sets that can be cut. */
export type CutSet = "cifar10" | "mnist" | "fashion-mnist" | "ptb";

/**
 * Writes the first examples of a set to a folder of their own, in the set's own format: of CIFAR-10 as many of each of the five training files, of texts
 * whole lines.
 *
 * @returns the folder, for `--data-dir`
 */
export async function fewerExamples(
  set: CutSet,
  dataDir: string,
  folder: string,
  counts: ExampleCounts,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const files = await cutsOf(set, dataDir, counts);
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

async function cutsOf(set: CutSet, dataDir: string, counts: ExampleCounts): Promise<Cut[]> {
  if (set === "cifar10") return cifarCuts(dataDir, counts);
  return set === "ptb" ? textCuts(dataDir, counts) : idxCuts(set, dataDir, counts);
}

async function textCuts(dataDir: string, { train, test }: ExampleCounts): Promise<Cut[]> {
  const files = await textFiles(dataDir);
  return (["train", "valid", "test"] as const).map((part) => ({
    ...{ name: `ptb.${part}.txt`, path: files[part] },
    cut: (bytes) => Buffer.from(firstWords(new TextDecoder().decode(bytes), part === "train" ? train : test)),
  }));
}

/** The lines in which the first `count` words of a text stand. */
function firstWords(text: string, count: number): string {
  const lines: string[] = [];
  let words = 0;
  for (const line of text.split("\n")) {
    if (words >= count) break;
    lines.push(line);
    words += line.split(" ").filter(Boolean).length;
  }
  return `${lines.join("\n")}\n`;
}

const CIFAR_RECORD = 1 + 3 * 32 * 32;

function cifarCuts(dataDir: string, { train, test }: ExampleCounts): Cut[] {
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

function idxCuts(set: "mnist" | "fashion-mnist", dataDir: string, { train, test }: ExampleCounts): Cut[] {
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
