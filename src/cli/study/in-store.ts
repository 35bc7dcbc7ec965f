import { openStorage, type OpenOptions } from "../../storage/open-storage.ts";
import type { Storage, StudyReadings } from "../../storage/storage.ts";
import { inputError } from "../../util/error.ts";
import { neutralised } from "../../util/text.ts";

/** Opens the store that a command names, for one action. @returns the exit code */
export async function inStore(
  store: string | undefined,
  action: (storage: Storage) => Promise<void>,
  options: OpenOptions = { mustExist: true },
): Promise<number> {
  if (store === undefined) {
    throw inputError("--store must name a SQLite file or a postgres:// database, but is missing; add it");
  }
  await using storage = await openStorage(store, options);
  if (storage.readOnly) process.stderr.write(neutralised(`${readOnlyRemark(storage)}\n`));
  await action(storage);
  return 0;
}

/** Opens the store that a command names, for one that changes nothing. @returns the exit code */
export const lookIn = (
  store: string | undefined,
  action: (storage: Storage) => Promise<void>,
): Promise<number> => inStore(store, action, { mustExist: true, looks: true });

/** What people are told of a store that can only be looked at. */
export const readOnlyRemark = ({ name }: StudyReadings): string =>
  `${name} cannot be written to: it is opened to be read, and nothing of it can be changed`;
