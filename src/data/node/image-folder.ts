import { readdir } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";

import type Sharp from "sharp";

import { inputError } from "../../util/error.ts";
import { optionText } from "../../util/option-text.ts";
import { shown } from "../../util/text.ts";
import { imageData, type LabelledPixels } from "../image-data.ts";
import { joinedParts, stratifiedSplit, type PartSizes } from "../split.ts";
import type { SupervisedData } from "../supervised-data.ts";

/** How the images of a folder become examples. */
export interface ImageFolderOptions extends PartSizes {
  /** Height and width that all images get, the middle cut out where they are longer; default their own, if all are alike. */
  readonly side?: number;
  /** Of the split, in which every class has its share; default 0. */
  readonly seed?: number;
  /** Whether the validation images train as well; default false. */
  readonly joined?: boolean;
}

/**
 * Images of a directory with a folder for each class, by the package `sharp`, which is loaded here.
 *
 * Images are in colour, or grey where all of them are; transparency is left out.
 *
 * @throws {HypertrainError} where there are less than two classes, images that cannot be read, or images of several sizes; and where
 *   the package is not installed.
 */
export async function readImageFolder(
  directory: string,
  { side, seed = 0, joined = false, ...sizes }: ImageFolderOptions = {},
): Promise<SupervisedData> {
  const { classes, files } = await listed(directory);
  const sharp = await loadSharp();
  const facts = await inTurns(files, ({ path }) =>
    sharp(path)
      .metadata()
      .then(({ width, height, channels, autoOrient }) => ({
        width: autoOrient.width ?? width,
        height: autoOrient.height ?? height,
        grey: channels < 3,
      }))
      .catch(() => undefined),
  );
  const [height, width] = side === undefined ? oneSize(directory, files, facts) : [side, side];
  const channels = facts.every((fact) => fact?.grey !== false) ? 1 : 3;
  const size = channels * height * width;
  if (files.length * size > MOST_BYTES) {
    throw inputError(
      `the images must fit ${MOST_BYTES / 2 ** 30} GB, but ${files.length} of ${height} x ${width} need ${(files.length * size) / 2 ** 30} GB; make them smaller with ${optionText("imageSize")}`,
    );
  }
  const pixels = new Uint8Array(files.length * size);
  const read = await inTurns(
    files,
    async ({ path }, row) => {
      if (!facts[row]) return false;
      const image = sharp(path)
        .autoOrient()
        .removeAlpha()
        .resize(width, height)
        .toColourspace(channels === 1 ? "b-w" : "srgb");
      const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
      for (let c = 0; c < channels; c++) {
        const from = Math.min(c, info.channels - 1);
        for (let i = 0; i < height * width; i++) {
          pixels[row * size + c * height * width + i] = data[i * info.channels + from] as number;
        }
      }
      return true;
    },
    () => false,
  );
  demandReadable(
    directory,
    files.filter((_, row) => !read[row]).map(({ path }) => path),
    files.length,
  );
  const labels = Uint16Array.from(files, ({ label }) => label);
  const drawn = stratifiedSplit(labels, { seed, ...sizes });
  const parts = joined ? joinedParts(drawn) : drawn;
  const part = (rows: Uint32Array): LabelledPixels =>
    takeImages({ rows: files.length, pixels, labels }, rows);
  return imageData({
    ...{ name: basename(resolve(directory)) || "images", classes, image: [channels, height, width] },
    ...{ train: part(parts.train), valid: part(parts.valid) },
    ...(parts.test && { test: part(parts.test) }),
  });
}

const MOST_BYTES = 4 * 2 ** 30;

/** What images are called; other files in the folders are passed over. */
const extensions = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".avif"];

interface ImageFile {
  readonly path: string;
  readonly label: number;
}

/** The classes, and all images of all of them, both in alphabetical order. */
async function listed(directory: string): Promise<{ classes: string[]; files: ImageFile[] }> {
  const visible = ({ name }: { readonly name: string }) => !name.startsWith(".");
  const entries = (await readdir(directory, { withFileTypes: true })).filter(visible);
  const folders = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const contents = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(directory, folder));
      return names
        .filter((name) => visible({ name }) && extensions.includes(extname(name).toLowerCase()))
        .sort();
    }),
  );
  const classes = folders.filter((_, i) => (contents[i] as string[]).length > 0);
  if (classes.length < 2) {
    throw inputError(
      `the directory ${shown(directory)} must hold a folder of images for each of at least two classes, but has ${classes.length} such folder${classes.length === 1 ? "" : "s"}; name another with ${optionText("data")}`,
    );
  }
  const files = classes.flatMap((folder, label) =>
    (contents[folders.indexOf(folder)] as string[]).map((name) => ({
      path: join(directory, folder, name),
      label,
    })),
  );
  return { classes, files };
}

interface ImageFacts {
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
}

/** The height and width of all images. */
function oneSize(
  directory: string,
  files: readonly ImageFile[],
  facts: readonly (ImageFacts | undefined)[],
): [number, number] {
  demandReadable(
    directory,
    files.filter((_, i) => !facts[i]).map(({ path }) => path),
    files.length,
  );
  const [first] = facts as readonly ImageFacts[]; // none is missing
  const { width, height } = first as ImageFacts;
  const other = facts.findIndex((fact) => fact?.width !== width || fact.height !== height);
  if (other < 0) return [height, width];
  const { path } = files[other] as ImageFile;
  throw inputError(
    `the images in ${shown(directory)} must be of one size, but the first is ${width} x ${height} and ${shown(path)} is ${facts[other]?.width} x ${facts[other]?.height}; give all one with ${optionText("imageSize")}, for example 32`,
  );
}

function demandReadable(directory: string, unreadable: readonly string[], all: number): void {
  if (unreadable.length === 0) return;
  const some = unreadable
    .slice(0, 3)
    .map((path) => shown(path))
    .join(", ");
  throw inputError(
    `all images in ${shown(directory)} must be readable, but ${unreadable.length} of ${all} ${unreadable.length === 1 ? "is" : "are"} not: ${some}${unreadable.length > 3 ? ", …" : ""}; remove or replace them`,
  );
}

function takeImages({ pixels, labels, rows: all }: LabelledPixels, rows: Uint32Array): LabelledPixels {
  const size = pixels.length / all;
  const taken = new Uint8Array(rows.length * size);
  rows.forEach((row, i) => taken.set(pixels.subarray(row * size, (row + 1) * size), i * size));
  return { rows: rows.length, pixels: taken, labels: Array.from(rows, (row) => labels[row] as number) };
}

/** Does something with each item, a few at once; `otherwise` takes the place of what fails. */
async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
  otherwise?: () => R,
): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += 16) {
    const some = items.slice(from, from + 16).map((item, i) => {
      const done = work(item, from + i);
      return otherwise ? done.catch(otherwise) : done;
    });
    results.push(...(await Promise.all(some)));
  }
  return results;
}

async function loadSharp(): Promise<typeof Sharp> {
  const { default: sharp } = await import("sharp").catch((cause: unknown) => {
    throw inputError(
      "folders of images must have the package sharp beside hypertrain, but it does not load here; run `npm install sharp`",
      { cause },
    );
  });
  return sharp;
}
