import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";

import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";

/**
 * Demands that what is written takes the place of no store that it is made from, links followed, nor of a file that SQLite keeps beside it.
 *
 * @param flag by which the file was named, such as `--out`
 * @throws {HypertrainError}
 */
export function demandNoStore(flag: string, file: string, store: string | undefined): void {
  if (store === undefined) return;
  const place = (path: string) => (existsSync(path) ? realpathSync(path) : resolve(path));
  if (!["", "-wal", "-shm", "-journal"].some((end) => place(file) === place(store) + end)) return;
  throw inputError(
    `${flag} must be another file than the store, but ${oneLine(file)} holds its studies; choose another`,
  );
}
