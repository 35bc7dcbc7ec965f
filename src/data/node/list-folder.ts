import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";

import { oneLine } from "../../util/text.ts";
import { count } from "../../util/words.ts";

/** A file or folder in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/**
 * What a folder holds, in alphabetical order, without what is hidden or a system's own. A link is what it leads to, and a file where that is gone: whoever
 * reads it says that it cannot be read.
 */
export async function visible(folder: string): Promise<FolderEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const shownEntries = entries
    .filter(({ name }) => !name.startsWith(".") && !OF_SYSTEMS.has(name.toLowerCase()))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(
    shownEntries.map(async (entry) => ({
      name: entry.name,
      isFolder: entry.isSymbolicLink() ? await leadsToFolder(join(folder, entry.name)) : entry.isDirectory(),
    })),
  );
}

const leadsToFolder = (link: string): Promise<boolean> =>
  stat(link).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** What systems put into folders by themselves, beside hidden files. */
const OF_SYSTEMS: ReadonlySet<string> = new Set(["thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"]);

/** How many files have each extension. */
export function kindsOf(files: readonly { readonly name: string }[]): ReadonlyMap<string, number> {
  const kinds = new Map<string, number>();
  for (const { name } of files) {
    const kind = extname(name).toLowerCase() || "without an extension";
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return kinds;
}

/** The extensions with how many files have each, the most frequent first. */
export function shownKinds(kinds: ReadonlyMap<string, number>): string {
  const sorted = [...kinds].sort(([, a], [, b]) => b - a);
  const some = sorted.slice(0, 5).map(([kind, files]) => `${files} ${oneLine(kind, 20)}`);
  return `${some.join(", ")}${sorted.length > 5 ? ", …" : ""}`;
}

/** The sentence on files that are passed over since they are no images. */
export function noImages(where: string, kinds: ReadonlyMap<string, number>): string {
  const files = [...kinds.values()].reduce((sum, n) => sum + n, 0);
  return `${count(files, "file")} ${where} ${files === 1 ? "is" : "are"} passed over, as no image of a known format: ${shownKinds(kinds)}; convert what is an image, for example to PNG`;
}
