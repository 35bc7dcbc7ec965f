import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { textPlace } from "./text.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hypertrain-text-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("a set by name lies in the directory or, where that has no training file, in a folder of its name", async () => {
  expect(await textPlace(folder, "ptb")).toBe(folder);
  mkdirSync(join(folder, "ptb"));
  expect(await textPlace(folder, "ptb")).toBe(join(folder, "ptb"));
  writeFileSync(join(folder, "train.txt"), "a b c\n");
  expect(await textPlace(folder, "ptb")).toBe(folder);
  const file = join(folder, "book.txt");
  expect(await textPlace(file, "text")).toBe(file);
});
