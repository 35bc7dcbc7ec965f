import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import type { RunDocument } from "../api/run-document.ts";
import { readResult, writeResult } from "./result-file.ts";
import { runFolder } from "./run-folder.ts";
import { sealJson } from "./sealed-json.ts";

const document = {
  ...{ version: 1, title: "wine", methodTitle: "Delta-STN", logarithmic: ["l2"] },
  result: { method: "delta-stn", remarks: ["Tuning gained “nothing”."] },
} as unknown as RunDocument; // as much of one as is needed

test("a run's folder keeps what the run says of itself, and refuses what is damaged or of another version", async () => {
  const path = mkdtempSync(join(tmpdir(), "hypertrain-result-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  mkdirSync(join(path, "run"));
  const folder = runFolder(join(path, "run"));
  expect(await readResult(folder)).toBeUndefined();
  await writeResult(folder, document);
  expect(await readResult(folder)).toEqual(document);
  writeFileSync(folder.result, readFileSync(folder.result, "utf8").replace("nothing", "much"));
  await expect(readResult(folder)).rejects.toThrow(
    /its checksum differs.*`hypertrain resume .*` writes it anew/,
  );
  writeFileSync(folder.result, sealJson({ ...document, version: 2 }));
  await expect(readResult(folder)).rejects.toThrow(/must be of version 1, but is of 2;/);
});
