import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { findImages } from "./find-images.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "hypertrain-find-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Files of no content, which finding does not read. */
function put(...names: readonly string[]): void {
  for (const name of names) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  }
}

const found = async (...places: readonly string[]) => {
  const { files, folders, warnings } = await findImages(places.map((place) => join(folder, place)));
  return { files: files.map((path) => path.slice(folder.length + 1)), folders, warnings };
};

test("images of a folder come before those of its folders, and what is named in its order", async () => {
  put(
    "in/cat/b.png",
    "in/cat/a.JPG",
    "in/bee/c.webp",
    "in/z.png",
    "in/.hidden.png",
    "in/Thumbs.db",
    "one.gif",
  );
  expect(await found("one.gif", "in")).toEqual({
    files: ["one.gif", "in/z.png", "in/bee/c.webp", "in/cat/a.JPG", "in/cat/b.png"],
    folders: [undefined, undefined, "bee", "cat", "cat"],
    warnings: [],
  });
});

test("what is passed over is counted", async () => {
  put("in/a.png", "in/notes.txt", "in/cat/b.bmp", "in/cat/c.bmp", "in/cat/deep/d.png");
  const { files, warnings } = await found("in");
  expect(files).toEqual(["in/a.png"]);
  expect(warnings).toEqual([
    "3 files in in are passed over, as no image of a known format: 2 .bmp, 1 .txt; convert what is an image, for example to PNG",
    "1 folder inside those of in is passed over; name it as well",
  ]);
});

test("nothing, no image and a folder without images are refused", async () => {
  put("new.csv", "empty/notes.txt");
  await expect(found("nowhere")).rejects.toThrow(
    /nowhere must be an image or a folder of images, but there is none; check the path$/,
  );
  await expect(found("new.csv")).rejects.toThrow(
    /new\.csv must be an image .*, but is no file of a known format \(\.png, /,
  );
  await expect(found("empty")).rejects.toThrow(
    /empty must hold images, .* but has none \(beside files of no known format: 1 \.txt\); name another folder$/,
  );
});
