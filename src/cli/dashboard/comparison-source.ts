import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { ComparisonDocument } from "../../api/comparison.ts";
import { onDisk } from "../../artifacts/disk.ts";
import { inputError } from "../../util/error.ts";
import { parseJson } from "../../util/json.ts";
import { oneLine } from "../../util/text.ts";
import { Refusal } from "../http/server.ts";
import { foldersBelow } from "../files/folders-below.ts";

/** A comparison in a list. */
export interface ComparisonLine {
  readonly name: string;
  /** What was trained on what. */
  readonly title: string;
  /** The method with the lowest median of its seeds, and that. */
  readonly best: string;
  readonly loss: number | null;
  /** What that is in, where it is not plain. */
  readonly lossUnit?: string;
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

/** What stands in the place of the data of one that cannot be read. */
const UNREAD = "damaged, or of another version";

/** Reads the comparisons that have ended below some folders, or those that they are. */
export function comparisonSource(folders: readonly string[]): ComparisonSource {
  const found = async (): Promise<ReadonlyMap<string, string>> => {
    const maps = await Promise.all(folders.map((folder) => foldersBelow(folder, "comparison")));
    return new Map(maps.flatMap((map) => [...map].map(([name, path]) => [name, join(path, "compare.json")])));
  };
  return {
    list: async () =>
      Promise.all(
        [...(await found())].map(async ([name, file]): Promise<ComparisonLine> => {
          const document = await read(file).catch(() => undefined); // whoever opens it is told
          if (!document) return { name, title: UNREAD, best: "–", loss: null, methods: 0, seeds: 0 };
          const { title, seeds, standings, lossUnit } = document;
          const [first] = standings;
          const [best, loss] = [first?.method ?? "–", first?.valid.median ?? null];
          return {
            ...{ name, title, best, loss, seeds, methods: standings.length },
            ...(lossUnit !== undefined && { lossUnit }),
          };
        }),
      ),
    async comparison(name) {
      const file = (await found()).get(name);
      if (file === undefined) throw new Refusal(404, "there is no comparison of this name");
      return read(file);
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

/** A comparison as its file tells it: some of version 1 tell no warnings. */
type Written = Omit<ComparisonDocument, "warnings"> & Partial<Pick<ComparisonDocument, "warnings">>;

/** @throws {HypertrainError} for a document that is damaged, or of another version. */
async function read(file: string): Promise<ComparisonDocument> {
  const document = parseJson(await onDisk(file, () => readFile(file, "utf8")), file);
  const { version } = (document ?? {}) as Readonly<Record<string, unknown>>; // what is no object has none
  if (version === 1) return { warnings: [], ...(document as Written) }; // only ever written by `compare`
  throw inputError(
    `${file} must be of version 1, but is of ${oneLine(JSON.stringify(version) ?? "none")}; the command that made it writes it anew, with the same --out`,
  );
}
