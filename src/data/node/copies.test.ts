import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { copiesAmong, remarksOnCopies } from "./copies.ts";

test("copies are files of the same bytes, and files that cannot be read are none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hypertrain-copies-"));
  try {
    const contents = { a: "one", b: "two", c: "one", d: "three", e: "two", f: "one" };
    const paths = [...Object.keys(contents), "gone", "lost"].map((name) => join(folder, name));
    for (const [name, content] of Object.entries(contents)) await writeFile(join(folder, name), content);
    expect(await copiesAmong(paths)).toEqual([
      [0, 2, 5],
      [1, 4],
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a sentence on copies says which classes and parts they mix up", () => {
  const paths = ["a/0.png", "a/1.png", "a/2.png", "b/0.png"].map((path) => join("photos", path));
  const facts = {
    paths,
    labels: [0, 0, 0, 1],
    parts: { train: Uint32Array.of(0, 1), valid: Uint32Array.of(2, 3) },
  };
  expect(remarksOnCopies("photos", [], facts)).toEqual([]);
  expect(remarksOnCopies("photos", [[0, 1]], facts)).toEqual([
    "1 file of photos is a copy of others, byte for byte (such as a/0.png and a/1.png); leave one of each",
  ]);
  expect(remarksOnCopies("photos", [[0, 1, 2, 3]], facts)).toEqual([
    "3 files of photos are copies of others, byte for byte (such as a/0.png and a/1.png): 1 image is in several classes, and 1 image is in several parts, so that validation or test look better than they are; leave one of each",
  ]);
});
