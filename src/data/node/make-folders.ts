import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and those around it that are missing. Not with mkdir's own `recursive`: on pseudo file systems, which answer that
 * there is no such folder, it never ends.
 *
 * @throws the operating system's error, whose `path` is the folder that could not be made; `ENOENT` where its place takes none.
 */
export async function makeFolders(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const around = dirname(resolve(path));
  if (around !== resolve(path)) await makeFolders(around);
  await mkdir(path).catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EEXIST" || !(await isFolder(path))) throw cause; // another process may have made it
  });
}

const isFolder = (place: string): Promise<boolean> =>
  stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
