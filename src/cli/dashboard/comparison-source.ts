import { existsSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { ComparisonDocument } from "../../api/comparison.ts";
import { onDisk } from "../../artifacts/disk.ts";
import { inputError } from "../../util/error.ts";
import { parseJson } from "../../util/json.ts";
import { shown } from "../../util/text.ts";
import { Refusal } from "../http/server.ts";

/** A comparison in a list. */
export interface ComparisonLine {
  readonly name: string;
  /** What was trained on what. */
  readonly title: string;
  /** The method with the lowest median of its seeds, and that. */
  readonly best: string;
  readonly loss: number | null;
  readonly methods: number;
  readonly seeds: number;
}

/** The comparisons of some folders as a dashboard reads them. */
export interface ComparisonSource {
  list(): Promise<readonly ComparisonLine[]>;
  comparison(name: string): Promise<ComparisonDocument>;
  /** Changes whenever one of them does. */
  stamp(): Promise<string>;
}

/** What a comparison's folder calls its document. */
const FILE = "compare.json";

/** Reads the comparisons that have ended below some folders, or those that they are. */
export function comparisonSource(folders: readonly string[]): ComparisonSource {
  const found = async (): Promise<ReadonlyMap<string, string>> => {
    const files = await Promise.all(folders.map(filesIn));
    return new Map(files.flat());
  };
  const read = async (file: string): Promise<ComparisonDocument> =>
    parseJson(await onDisk(file, () => readFile(file, "utf8")), file) as ComparisonDocument; // only ever written by `compare`
  return {
    async list() {
      const lines: ComparisonLine[] = [];
      for (const [name, file] of await found()) {
        const { title, standings, seeds } = await read(file);
        const [best] = standings;
        if (!best) continue;
        const loss = best.valid.median;
        lines.push({ name, title, best: best.method, loss, methods: standings.length, seeds });
      }
      return lines;
    },
    async comparison(name) {
      const file = (await found()).get(name);
      if (file === undefined) throw new Refusal(404, "there is no comparison of this name");
      const document = await read(file);
      if ((document.version as unknown) === 1) return document;
      throw inputError(
        `${file} must be of version 1, but is of ${shown(JSON.stringify(document.version) ?? "none")}; the command that made it writes it anew, with the same --out`,
      );
    },
    async stamp() {
      const files = [...(await found())].map(([name, file]) => {
        const { size = 0, mtimeMs = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
        return `${name}/${size}/${mtimeMs}`;
      });
      return files.join("\n");
    },
  };
}

/** The documents in a folder by the names of their comparisons. */
async function filesIn(folder: string): Promise<readonly (readonly [name: string, file: string])[]> {
  if (!existsSync(folder)) return [];
  if (existsSync(join(folder, FILE))) return [[".", join(folder, FILE)]];
  const names = (await readdir(folder)).sort();
  return names
    .map((name) => [name, join(folder, name, FILE)] as const)
    .filter(([, file]) => existsSync(file));
}
