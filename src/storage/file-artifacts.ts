import { constants } from "node:fs";
import { access, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";

import { makeFolder, onDisk, writeWhole } from "../artifacts/disk.ts";
import { inputError } from "../util/error.ts";
import { ARTIFACT_NAME, type ArtifactStore } from "./artifact-store.ts";

/** Artifacts as files of a folder, which several machines may share. */
export function fileArtifacts(folder: string): ArtifactStore {
  const pathOf = (key: string) => join(folder, key);
  return {
    name: `file:${folder}`,
    begin: (room) => makeFolder(pathOf(room)),
    async demand(room) {
      try {
        await access(pathOf(room), constants.R_OK | constants.W_OK | constants.X_OK);
      } catch (cause) {
        const why = { ENOENT: "is not there", ENOTDIR: "is not there", EROFS: "is on a read-only disk" };
        const { code } = cause as NodeJS.ErrnoException;
        throw inputError(
          `the folder of a study's artifacts must be there to be read and written on every machine that works on it, but ${pathOf(room)} ${why[code as keyof typeof why] ?? "does not permit it"}; mount the disk that it is on, or put it back`,
          { cause },
        );
      }
    },
    put: (key, bytes) => writeWhole(pathOf(key), bytes),
    async get(key) {
      return onDisk(pathOf(key), () =>
        readFile(pathOf(key)).then((bytes) => new Uint8Array(bytes), unlessGone),
      );
    },
    remove: (key) => removeFile(pathOf(key)),
    async clear(room) {
      const names = await onDisk(pathOf(room), () => readdir(pathOf(room)).catch(unlessGone));
      for (const name of names ?? []) {
        if (ARTIFACT_NAME.test(name.replace(/\.part$/, "")))
          await rm(pathOf(`${room}/${name}`), { force: true });
      }
      await rmdir(pathOf(room)).catch(() => undefined); // what is not ours stays, with its folder
    },
  };
}

async function removeFile(path: string): Promise<void> {
  await onDisk(path, async () => {
    for (const end of [".part", ""]) await rm(`${path}${end}`, { force: true }); // first what would be renamed
  });
}

function unlessGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}
