import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";

import { downloadImageSet } from "./download-image-set.ts";
import { findImageFile } from "./mnist.ts";

const real = process.env.HYPERTRAIN_DATA_DIR;
const sets = ["mnist", "fashion-mnist"] as const;

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "hypertrain-download-"))));
afterEach(() => rm(folder, { recursive: true }));

test.each([
  [
    "mnist",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  ],
  [
    "fashion-mnist",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
  ],
] as const)("%s comes from its published address, with its published sum", async (set, address, sha256) => {
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = (url) => {
    asked.push(url as string);
    return Promise.resolve(new Response(gzipSync("another file")));
  };
  await expect(downloadImageSet(set, folder, { fetch })).rejects.toThrow(
    `must have the SHA-256 sum ${sha256}`,
  );
  expect(asked).toEqual([`${address}train-images-idx3-ubyte.gz`]);
  expect(await readdir(join(folder, set))).toEqual([]);
});

test.runIf(real).each(sets)("the original files of %s have the published sums", async (set) => {
  const fetch: typeof globalThis.fetch = async (url) => {
    const file = basename(url as string, ".gz");
    return new Response(await readFile(findImageFile(set, real as string, file) as string));
  };
  await downloadImageSet(set, folder, { fetch });
  expect(await readdir(join(folder, set))).toHaveLength(4);
});
