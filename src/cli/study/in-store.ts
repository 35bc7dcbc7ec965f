import { openStorage, type OpenOptions } from "../../storage/open-storage.ts";
import type { Storage } from "../../storage/storage.ts";
import { inputError } from "../../util/error.ts";

/** Opens the store that a command names, for one action. @returns the exit code */
export async function inStore(
  store: string | undefined,
  action: (storage: Storage) => Promise<void>,
  { mustExist = true }: OpenOptions = {},
): Promise<number> {
  if (store === undefined) {
    throw inputError("--store must name a SQLite file or a postgres:// database, but is missing; add it");
  }
  await using storage = await openStorage(store, { mustExist });
  await action(storage);
  return 0;
}
