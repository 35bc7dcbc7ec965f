import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

import { idxImages, idxLabels } from "../../../test/data/idx.ts";
import { gather } from "../batches.ts";
import { readImageSet } from "./mnist.ts";

const contents = {
  "train-images-idx3-ubyte": idxImages(20, 2, 3),
  "train-labels-idx1-ubyte": idxLabels(Array.from({ length: 20 }, (_, i) => i % 10)),
  "t10k-images-idx3-ubyte": idxImages(4, 2, 3),
  "t10k-labels-idx1-ubyte": idxLabels([0, 1, 2, 3]),
};
const real = process.env.HYPERTRAIN_DATA_DIR;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hypertrain-mnist-"));
  await mkdir(join(folder, "fashion-mnist"));
  for (const [name, bytes] of Object.entries(contents)) {
    await writeFile(join(folder, name), bytes);
    await writeFile(join(folder, "fashion-mnist", `${name}.gz`), gzipSync(bytes));
  }
  await writeFile(
    join(folder, "fashion-mnist", "t10k-labels-idx1-ubyte.gz"),
    gzipSync(idxLabels([9, 8, 7, 6])),
  );
});
afterAll(() => rm(folder, { recursive: true }));

test("plain files in the directory and gzip files in its subfolder are found", async () => {
  const mnist = await readImageSet("mnist", folder);
  const fashion = await readImageSet("fashion-mnist", folder, { scale: { mean: 0.1307, sd: 0.3081 } });
  expect([mnist.name, fashion.name]).toEqual(["mnist", "fashion-mnist"]);
  const [ours, theirs] = [fashion, mnist].map(({ splits }) => gather(splits.train, Uint32Array.of(0, 16)));
  expect(ours).toEqual(theirs);
  expect([mnist, fashion].map(({ splits }) => Array.from(splits.test?.fields.y?.data ?? []))).toEqual([
    [0, 1, 2, 3],
    [9, 8, 7, 6],
  ]);
});

test("missing files are listed, with what to do", async () => {
  const empty = join(folder, "none");
  await expect(readImageSet("mnist", empty)).rejects.toThrow(
    `the directory ${empty} must hold the files of mnist (plain or .gz, there or in mnist/), but lacks ` +
      "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte; " +
      "name their directory with `dataDir` or fetch them with `download`",
  );
});

test("a malformed file is named by its path", async () => {
  const path = join(folder, "t10k-labels-idx1-ubyte");
  await writeFile(path, idxLabels([0, 1, 2, 33]));
  await expect(readImageSet("mnist", folder)).rejects.toThrow(`every label in ${path} must be from 0 to 9`);
});

test.runIf(real).each(["mnist", "fashion-mnist"] as const)(
  "the original %s: 60,000 and 10,000 images",
  async (set) => {
    const { splits } = await readImageSet(set, real as string);
    expect([splits.train.rows, splits.valid.rows, splits.test?.rows]).toEqual([51000, 9000, 10000]);
    expect(splits.train.coded?.x?.shape).toEqual([51000, 784]);
    const first = { mnist: [5, 0, 4, 1, 9], "fashion-mnist": [9, 0, 0, 3, 0] };
    expect(Array.from(splits.train.fields.y?.data.subarray(0, 5) ?? [])).toEqual(first[set]);
  },
);

test("EMNIST's letters count from 1 in their files", async () => {
  const letters = await mkdtemp(join(tmpdir(), "hypertrain-emnist-"));
  const put = (part: string, labels: readonly number[]) =>
    Promise.all([
      writeFile(join(letters, `emnist-letters-${part}-images-idx3-ubyte`), idxImages(labels.length, 2, 2)),
      writeFile(join(letters, `emnist-letters-${part}-labels-idx1-ubyte`), idxLabels(labels)),
    ]);
  try {
    await put(
      "train",
      Array.from({ length: 52 }, (_, i) => (i % 26) + 1),
    );
    await put("test", [26, 1]);
    const { classes, outputs, splits } = await readImageSet("emnist-letters", letters);
    expect([outputs, classes?.[0], classes?.[25]]).toEqual([26, "A", "Z"]);
    expect(Array.from(splits.test?.fields.y?.data ?? [])).toEqual([25, 0]);
    await put("test", [0]);
    await expect(readImageSet("emnist-letters", letters)).rejects.toThrow(
      "must be from 1 to 26, but label 1 is 0",
    );
    await expect(readImageSet("emnist-balanced", letters)).rejects.toThrow(
      /lacks emnist-balanced-train-images-idx3-ubyte, .*; name their directory with `dataDir`$/,
    );
  } finally {
    await rm(letters, { recursive: true });
  }
});

test("files under their other usual name are found", async () => {
  const dotted = await mkdtemp(join(tmpdir(), "hypertrain-idx-"));
  try {
    for (const [name, bytes] of Object.entries(contents)) {
      await writeFile(join(dotted, name.replace("-idx", ".idx")), bytes);
    }
    expect((await readImageSet("mnist", dotted)).splits.test?.rows).toBe(4);
  } finally {
    await rm(dotted, { recursive: true });
  }
});
