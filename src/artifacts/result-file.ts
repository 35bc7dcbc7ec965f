import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

import type { RunDocument } from "../api/run-document.ts";
import { inputError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";
import { onDisk, writeWhole } from "./disk.ts";
import { folderWith, type RunFolder } from "./run-folder.ts";
import { sealJson, unsealJson } from "./sealed-json.ts";
import { demandGiven } from "../util/given.ts";

/** The version of the document that is written, and the only one that is read. */
const VERSION: RunDocument["version"] = 1;

/** Keeps in a run's folder what the run says of itself. @throws {HypertrainError} for what is no run folder. */
export async function writeResult(folder: RunFolder, document: RunDocument): Promise<void> {
  demandGiven("writeResult", { folder }, { folder: folderWith("result") });
  await writeWhole(folder.result, `${sealJson(document)}\n`);
}

/**
 * What a run's folder keeps of what the run says of itself; nothing where it has not ended yet, or was trained by a version that kept nothing.
 *
 * @throws {HypertrainError} for a document that is damaged, or of another version.
 */
export async function readResult(folder: RunFolder): Promise<RunDocument | undefined> {
  demandGiven("readResult", { folder }, { folder: folderWith("result", "path") });
  const { result, path } = folder;
  if (!existsSync(result)) return undefined;
  const anew = `\`hypertrain resume ${path}\` writes it anew`;
  const document = unsealJson(await onDisk(result, () => readFile(result, "utf8")), result, anew);
  const { version } = document;
  if (version === VERSION) return document as unknown as RunDocument; // only ever written above
  throw inputError(
    `${result} must be of version ${VERSION}, but is of ${oneLine(JSON.stringify(version) ?? "none")}; ${anew}`,
  );
}
