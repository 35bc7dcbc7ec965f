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
  ["mnist", "https://ossci-datasets.s3.amazonaws.com/mnist/", "6bbc9ace898e44ae57da46a324031adb"],
  [
    "fashion-mnist",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "f4a8712d7a061bf5bd6d2ca38dc4d50a",
  ],
] as const)("%s comes from its published address, with its published sum", async (set, address, md5) => {
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = (url) => {
    asked.push(url as string);
    return Promise.resolve(new Response(gzipSync("another file")));
  };
  await expect(downloadImageSet(set, folder, { fetch })).rejects.toThrow(`must have the MD5 sum ${md5}`);
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
