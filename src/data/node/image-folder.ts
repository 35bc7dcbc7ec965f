import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";

import type Sharp from "sharp";

import { inputError } from "../../util/error.ts";
import { optionText } from "../../util/option-text.ts";
import { neutralised, shown } from "../../util/text.ts";
import { classCounts, unevenClasses } from "../class-sizes.ts";
import { imageData, type LabelledPixels } from "../image-data.ts";
import { count } from "../quote.ts";
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
 * Images are in colour, or grey where all of them are; transparency is left out. What is passed over, and classes of few images, stand in the
 * warnings. Sizes in sentences are height x width.
 *
 * @throws {HypertrainError} where there are less than two classes, a class that does not train, images that cannot be read, or images of several
 *   sizes; and where the package is not installed.
 */
export async function readImageFolder(
  directory: string,
  { side, seed = 0, joined = false, ...sizes }: ImageFolderOptions = {},
): Promise<SupervisedData> {
  const listing = await listed(directory);
  const { classes, files } = listing;
  await demandClasses(directory, listing);
  const sharp = await loadSharp();
  const facts = await factsOf(sharp, files);
  const [height, width] = side === undefined ? oneSize(directory, files, facts) : [side, side];
  const image: ImageShape = [facts.every((fact) => fact?.grey !== false) ? 1 : 3, height, width];
  const pixels = await pixelsOf(sharp, directory, files, facts, image);
  const labels = Uint16Array.from(files, ({ label }) => label);
  const drawn = stratifiedSplit(labels, { seed, ...sizes, noun: "image" });
  const parts = joined ? joinedParts(drawn) : drawn;
  const part = (rows: Uint32Array): LabelledPixels =>
    takeImages({ rows: files.length, pixels, labels }, rows);
  const name = basename(resolve(directory)) || "images";
  const sizesOfClasses = classCounts(files.map(({ label }) => classes[label] as string));
  const uneven = unevenClasses(sizesOfClasses, { where: name, noun: "image" });
  return imageData({
    ...{ name, classes, image },
    ...{ train: part(parts.train), valid: part(parts.valid) },
    ...(parts.test && { test: part(parts.test) }),
    warnings: [...remarksOnPassedOver(name, listing), ...(uneven ? [uneven.sentence] : [])],
  });
}

const MOST_BYTES = 4 * 2 ** 30;

/** What images are called; other files in the folders are passed over. */
const extensions = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".avif"];

const isImage = (name: string): boolean => extensions.includes(extname(name).toLowerCase());

/** What systems put into folders by themselves, beside hidden files. */
const OF_SYSTEMS: ReadonlySet<string> = new Set(["thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"]);

type ImageShape = [channels: number, height: number, width: number];

interface ImageFile {
  readonly path: string;
  readonly label: number;
}

interface Listing {
  readonly classes: readonly string[];
  /** All images of all classes, both in alphabetical order. */
  readonly files: readonly ImageFile[];
  /** How many files inside the folders are no images, by extension. */
  readonly others: ReadonlyMap<string, number>;
  /** How many folders lie inside those of the classes. */
  readonly inner: number;
  /** How many images lie beside the folders. */
  readonly beside: number;
}

async function listed(directory: string): Promise<Listing> {
  const top = await visible(directory);
  const folders = top.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const contents = await Promise.all(folders.map((folder) => visible(join(directory, folder))));
  const images = contents.map((entries) =>
    entries.filter((entry) => !entry.isDirectory() && isImage(entry.name)).map(({ name }) => name),
  );
  const holders = folders.flatMap((folder, i) => {
    const names = images[i] as string[];
    return names.length > 0 ? [{ folder, names }] : [];
  });
  const others = new Map<string, number>();
  for (const entry of contents.flat()) {
    if (entry.isDirectory() || isImage(entry.name)) continue;
    const kind = extname(entry.name).toLowerCase() || "without an extension";
    others.set(kind, (others.get(kind) ?? 0) + 1);
  }
  return {
    classes: holders.map(({ folder }) => folder),
    files: holders.flatMap(({ folder, names }, label) =>
      names.map((name) => ({ path: join(directory, folder, name), label })),
    ),
    others,
    inner: contents.flat().filter((entry) => entry.isDirectory()).length,
    beside: top.filter((entry) => !entry.isDirectory() && isImage(entry.name)).length,
  };
}

/** What a folder holds, in alphabetical order, without what is hidden or a system's own. */
async function visible(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter(({ name }) => !name.startsWith(".") && !OF_SYSTEMS.has(name.toLowerCase()))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function demandClasses(directory: string, { classes, others }: Listing): Promise<void> {
  if (classes.length >= 2) return;
  const passed =
    others.size > 0 ? ` (beside files that are no images of a known format: ${shownKinds(others)})` : "";
  const deeper = await deeperClasses(directory);
  const advice =
    deeper === undefined
      ? `name another with ${optionText("data")}`
      : `classes lie one level deeper: name one folder of them with ${optionText("data", neutralised(deeper))}, and its images are split into parts (${optionText("valid")}, ${optionText("test")})`;
  throw inputError(
    `the directory ${shown(directory)} must hold a folder of images for each of at least two classes, but has ${classes.length} such folder${classes.length === 1 ? "" : "s"}${passed}; ${advice}`,
  );
}

/** The folder in a directory that holds folders of images for two classes at least, of several the one of most images. */
async function deeperClasses(directory: string): Promise<string | undefined> {
  const folders = (await visible(directory)).filter((entry) => entry.isDirectory());
  const within = await Promise.all(
    folders.map(async ({ name }) => {
      const path = join(directory, name);
      const { classes, files } = await listed(path).catch(() => ({ classes: [], files: [] })); // one that cannot be read is no advice
      return { path, classes: classes.length, images: files.length };
    }),
  );
  const [most] = within.filter(({ classes }) => classes >= 2).sort((a, b) => b.images - a.images);
  return most?.path;
}

/** Sentences on what is in the directory and not in the data. */
function remarksOnPassedOver(name: string, { others, inner, beside }: Listing): string[] {
  const files = [...others.values()].reduce((sum, n) => sum + n, 0);
  const are = (n: number) => (n === 1 ? "is" : "are");
  return [
    ...(files > 0
      ? [
          `${count(files, "file")} in the folders of ${name} ${are(files)} passed over, as no image of a known format: ${shownKinds(others)}; convert what is an image, for example to PNG`,
        ]
      : []),
    ...(inner > 0
      ? [
          `${count(inner, "folder")} inside those of the classes of ${name} ${are(inner)} passed over; put all images of a class into its folder itself`,
        ]
      : []),
    ...(beside > 0
      ? [
          `${count(beside, "image")} beside the folders of the classes of ${name} ${are(beside)} passed over; put every image into the folder of its class`,
        ]
      : []),
  ];
}

/** The extensions with how many files have each, the most frequent first. */
function shownKinds(others: ReadonlyMap<string, number>): string {
  const sorted = [...others].sort(([, a], [, b]) => b - a);
  const some = sorted.slice(0, 5).map(([kind, files]) => `${files} ${shown(kind, 20)}`);
  return `${some.join(", ")}${sorted.length > 5 ? ", …" : ""}`;
}

interface ImageFacts {
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
}

/** What the heads of the files say; nothing of one that cannot be read. */
const factsOf = (sharp: typeof Sharp, files: readonly ImageFile[]): Promise<(ImageFacts | undefined)[]> =>
  inTurns(files, ({ path }) =>
    sharp(path)
      .metadata()
      .then(({ width, height, channels, autoOrient }) => ({
        width: autoOrient.width ?? width,
        height: autoOrient.height ?? height,
        grey: channels < 3,
      }))
      .catch(() => undefined),
  );

/** The bytes of all images in planes of their colours: [files, channels, height, width]. */
async function pixelsOf(
  sharp: typeof Sharp,
  directory: string,
  files: readonly ImageFile[],
  facts: readonly (ImageFacts | undefined)[],
  [channels, height, width]: ImageShape,
): Promise<Uint8Array> {
  const size = channels * height * width;
  demandRoom(files.length, height, width, size);
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
  const unread = files.filter((_, row) => !read[row]).map(({ path }) => path);
  demandReadable(directory, unread, files.length);
  return pixels;
}

function demandRoom(images: number, height: number, width: number, size: number): void {
  if (images * size <= MOST_BYTES) return;
  throw inputError(
    `the images must fit ${MOST_BYTES / 2 ** 30} GB, but ${images} of ${height} x ${width} (height x width) need ${((images * size) / 2 ** 30).toPrecision(3)} GB; make them smaller with ${optionText("imageSize")}`,
  );
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
    `the images in ${shown(directory)} must be of one size, but the first is ${height} x ${width} and ${shown(path)} is ${facts[other]?.height} x ${facts[other]?.width} (height x width); give all one with ${optionText("imageSize")}, for example 32`,
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
