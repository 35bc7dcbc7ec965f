import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { oneLine } from "../../util/text.ts";
import { partsByRow, type RowParts } from "../split.ts";
import { count } from "../../util/words.ts";

/** Groups of files that are the same byte for byte, by their places; of one size alone are read, a few at a time. */
export async function copiesAmong(paths: readonly string[]): Promise<readonly (readonly number[])[]> {
  const places = paths.map((_, place) => place);
  const groups = await grouped(places, (place) => sizeOf(paths[place] as string));
  const alike: (readonly number[])[] = [];
  for (const group of groups)
    alike.push(...(await grouped(group, (place) => digestOf(paths[place] as string))));
  return alike.sort((a, b) => (a[0] as number) - (b[0] as number));
}

/** Items of one key each, where there are several; none of those without a key. */
async function grouped(
  items: readonly number[],
  keyOf: (item: number) => Promise<string | undefined>,
): Promise<number[][]> {
  const keys = new Map<number, string | undefined>();
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const some = items.slice(from, from + AT_ONCE);
    const found = await Promise.all(some.map(keyOf));
    some.forEach((item, i) => keys.set(item, found[i]));
  }
  const known = items.filter((item) => keys.get(item) !== undefined);
  return [...Map.groupBy(known, (item) => keys.get(item)).values()].filter(({ length }) => length > 1);
}

const AT_ONCE = 16;

/** Nothing of a file that cannot be read, which others say. */
const sizeOf = (path: string): Promise<string | undefined> =>
  stat(path).then(
    ({ size }) => String(size),
    () => undefined,
  );

const digestOf = (path: string): Promise<string | undefined> =>
  readFile(path).then(
    (bytes) => createHash("sha256").update(bytes).digest("hex"),
    () => undefined,
  );

/** What files are copies of each other in. */
export interface CopyFacts {
  readonly paths: readonly string[];
  readonly labels: ArrayLike<number>;
  /** The rows of each part, or of each fold and of the test part. */
  readonly parts: RowParts | Readonly<Record<string, Uint32Array>>;
  /** Whether the parts are folds. Default false. */
  readonly folded?: boolean;
}

/** A sentence on images that are copies of others, if any are: what they do to the classes and to the parts. */
export function remarksOnCopies(
  name: string,
  copies: readonly (readonly number[])[],
  { paths, labels, parts, folded = false }: CopyFacts,
): string[] {
  const [first] = copies;
  if (!first) return [];
  const images = copies.reduce((sum, group) => sum + group.length - 1, 0);
  const partOf = partsByRow(parts);
  const differing = (kindOf: (row: number) => unknown) =>
    copies.filter((group) => new Set(group.map(kindOf)).size > 1).length;
  const [classes, torn] = [differing((row) => labels[row]), differing((row) => partOf.get(row))];
  const such = first.slice(0, 2).map((row) => oneLine(inItsFolder(paths[row] as string)));
  const harms = [
    ...(classes > 0 ? [`${count(classes, "image")} ${classes === 1 ? "is" : "are"} in several classes`] : []),
    ...(torn > 0
      ? [
          `${count(torn, "image")} ${torn === 1 ? "is" : "are"} in several ${folded ? "folds or parts" : "parts"}, so that validation or test look better than they are`,
        ]
      : []),
  ];
  return [
    `${count(images, "file")} of ${name} ${images === 1 ? "is a copy" : "are copies"} of others, byte for byte (such as ${such.join(" and ")})${harms.length > 0 ? `: ${harms.join(", and ")}` : ""}; leave one of each`,
  ];
}

const inItsFolder = (path: string): string => join(basename(dirname(path)), basename(path));
