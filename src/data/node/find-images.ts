import { stat } from "node:fs/promises";
import { basename, join } from "node:path";

import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import { imageExtensions, isImage } from "./decode-images.ts";
import { kindsOf, noImages, shownKinds, visible } from "./list-folder.ts";
import { demandGiven } from "../../util/given.ts";
import { listOf, text } from "../../util/rule.ts";
import { count } from "../../util/words.ts";

/** Image files for a model to answer for. */
export interface FoundImages {
  /** Their paths, in the order of what was named, and in alphabetical order within that. */
  readonly files: readonly string[];
  /** The name of the folder that each file lies in, within a folder that was named; nothing of all others. */
  readonly folders: readonly (string | undefined)[];
  /** Sentences on what was passed over. */
  readonly warnings: readonly string[];
}

/**
 * The images that are named, or lie in folders that are named or in the folders of these, without reading any.
 *
 * ```ts
 * const { files, folders } = await findImages(["photos", "one-more.jpg"]);
 * ```
 *
 * @throws {HypertrainError} for a path where there is nothing, a file that is no image by its name, and a folder that has none.
 */
export async function findImages(places: readonly string[]): Promise<FoundImages> {
  demandGiven("findImages", { places }, { places: listOf(text, 1) });
  const found: Named[] = [];
  for (const place of places) found.push(await inPlace(place));
  const images = found.flatMap(({ images }) => images);
  return {
    files: images.map(({ path }) => path),
    folders: images.map(({ folder }) => folder),
    warnings: found.flatMap(({ warnings }) => warnings),
  };
}

interface Named {
  readonly images: readonly { readonly path: string; readonly folder?: string }[];
  readonly warnings: readonly string[];
}

async function inPlace(place: string): Promise<Named> {
  const there = await stat(place).catch((cause: unknown) => unreadable(place, cause));
  if (there.isDirectory()) return inFolder(place);
  if (there.isFile() && isImage(place)) return { images: [{ path: place }], warnings: [] };
  throw inputError(
    `${oneLine(place)} must be an image or a folder of images for a model of images, but is ${there.isFile() ? `no file of a known format (${imageExtensions.join(", ")})` : "a pipe or a device"}; name another`,
  );
}

function unreadable(place: string, cause: unknown): never {
  const { code } = cause as NodeJS.ErrnoException;
  const absent = code === "ENOENT" || code === "ENOTDIR";
  const why = absent ? "there is none; check the path" : `it cannot be read (${code}); allow reading it`;
  throw inputError(`${oneLine(place)} must be an image or a folder of images, but ${why}`, { cause });
}

/** The images of a folder, before those of its folders. */
async function inFolder(place: string): Promise<Named> {
  const list = (path: string) => visible(path).catch((cause: unknown) => unreadable(path, cause));
  const top = await list(place);
  const folders = top.filter((entry) => entry.isFolder);
  const within = await Promise.all(folders.map(({ name }) => list(join(place, name))));
  const files = [top, ...within].flat().filter((entry) => !entry.isFolder);
  const kinds = kindsOf(files.filter(({ name }) => !isImage(name)));
  const imagesIn = (entries: typeof top) =>
    entries.filter((entry) => !entry.isFolder && isImage(entry.name)).map(({ name }) => name);
  const images = [
    ...imagesIn(top).map((name) => ({ path: join(place, name) })),
    ...folders.flatMap(({ name: folder }, i) =>
      imagesIn(within[i] ?? []).map((name) => ({ path: join(place, folder, name), folder })),
    ),
  ];
  if (images.length === 0) {
    const beside = kinds.size > 0 ? ` (beside files of no known format: ${shownKinds(kinds)})` : "";
    throw inputError(
      `${oneLine(place)} must hold images, by itself or in its folders, but has none${beside}; name another folder`,
    );
  }
  const deeper = within.flat().filter((entry) => entry.isFolder).length;
  return { images, warnings: passedOver(oneLine(basename(place)) || oneLine(place), kinds, deeper) };
}

const passedOver = (name: string, kinds: ReadonlyMap<string, number>, deeper: number): string[] => [
  ...(kinds.size > 0 ? [noImages(`in ${name}`, kinds)] : []),
  ...(deeper > 0
    ? [
        `${count(deeper, "folder")} inside those of ${name} ${deeper === 1 ? "is" : "are"} passed over; name ${deeper === 1 ? "it" : "them"} as well`,
      ]
    : []),
];
