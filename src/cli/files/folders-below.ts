import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** What the folder of a run holds, and that of a comparison; neither has others in it that are to be shown. */
const OWN = { run: "config.json", comparison: "compare.json" } as const;

/** How far below a folder others are looked for: runs lie beside comparisons, in folders of their own. */
const DEPTH = 2;

/** The folders of runs, or of comparisons, by their names below a folder; it is called `.` where it is one itself. */
export async function foldersBelow(
  folder: string,
  kind: keyof typeof OWN,
): Promise<ReadonlyMap<string, string>> {
  const has = (path: string, one: keyof typeof OWN) => existsSync(join(path, OWN[one]));
  const look = async (path: string, names: readonly string[]): Promise<readonly [string, string][]> => {
    if (has(path, kind)) return [[names.join("/") || ".", path]];
    if (has(path, "run") || has(path, "comparison") || names.length === DEPTH) return [];
    const found = (await foldersIn(path)).map((name) => look(join(path, name), [...names, name]));
    return (await Promise.all(found)).flat();
  };
  return new Map(existsSync(folder) ? await look(folder, []) : []);
}

async function foldersIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []); // it may be closed to us
  return entries
    .filter(
      (entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !/^(\.|node_modules$)/.test(entry.name),
    )
    .map(({ name }) => name)
    .sort();
}
