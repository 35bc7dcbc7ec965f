import { basename, join, resolve } from "node:path";

import { inputError } from "../../util/error.ts";
import { optionText } from "../../util/option-text.ts";
import { neutralised, oneLine } from "../../util/text.ts";
import { classCounts, unevenClasses } from "../class-sizes.ts";
import { imageData, type ImageShape, type LabelledPixels } from "../image-data.ts";
import { count, listed } from "../quote.ts";
import { joinedParts, stratifiedSplit, type PartSizes } from "../split.ts";
import type { SupervisedData } from "../supervised-data.ts";
import { demandReadable, imageDecoder, isImage, type ImageDecoder, type ImageHead } from "./decode-images.ts";
import { kindsOf, noImages, shownKinds, visible } from "./list-folder.ts";

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
  const listing = await listClasses(directory);
  const { classes, files } = listing;
  await demandClasses(directory, listing);
  const decoder = await imageDecoder();
  const facts = await decoder.heads(files.map(({ path }) => path));
  const [height, width] = side === undefined ? oneSize(directory, files, facts) : [side, side];
  const image: ImageShape = [facts.every((fact) => fact?.grey !== false) ? 1 : 3, height, width];
  const pixels = await pixelsOf(decoder, directory, files, image);
  const labels = Uint16Array.from(files, ({ label }) => label);
  const drawn = stratifiedSplit(labels, { seed, ...sizes, noun: "image" });
  const parts = joined ? joinedParts(drawn) : drawn;
  const part = (rows: Uint32Array): LabelledPixels =>
    takeImages({ rows: files.length, pixels, labels }, rows);
  const name = basename(resolve(directory)) || "images";
  const sizesOfClasses = classCounts(files.map(({ label }) => classes[label] as string));
  const uneven = unevenClasses(sizesOfClasses, { where: name, noun: "image" });
  return imageData({
    ...{ name, classes, image, resized: side !== undefined },
    ...{ train: part(parts.train), valid: part(parts.valid) },
    ...(parts.test && { test: part(parts.test) }),
    warnings: [...remarksOnPassedOver(name, listing), ...(uneven ? [uneven.sentence] : [])],
  });
}

const MOST_BYTES = 4 * 2 ** 30;

interface ImageFile {
  readonly path: string;
  readonly label: number;
}

interface Listing {
  readonly classes: readonly string[];
  /** All images of all classes, both in alphabetical order. */
  readonly files: readonly ImageFile[];
  /** The folders without an image, which are no classes. */
  readonly empty: readonly string[];
  /** How many files inside the folders are no images, by extension. */
  readonly others: ReadonlyMap<string, number>;
  /** How many folders lie inside those of the classes. */
  readonly inner: number;
  /** How many images lie beside the folders. */
  readonly beside: number;
}

async function listClasses(directory: string): Promise<Listing> {
  const top = await visible(directory);
  const folders = top.filter((entry) => entry.isFolder).map(({ name }) => name);
  const contents = await Promise.all(folders.map((folder) => visible(join(directory, folder))));
  const images = contents.map((entries) =>
    entries.filter((entry) => !entry.isFolder && isImage(entry.name)).map(({ name }) => name),
  );
  const holders = folders.flatMap((folder, i) => {
    const names = images[i] as string[];
    return names.length > 0 ? [{ folder, names }] : [];
  });
  return {
    classes: holders.map(({ folder }) => folder),
    files: holders.flatMap(({ folder, names }, label) =>
      names.map((name) => ({ path: join(directory, folder, name), label })),
    ),
    empty: folders.filter((_, i) => images[i]?.length === 0),
    others: kindsOf(contents.flat().filter((entry) => !entry.isFolder && !isImage(entry.name))),
    inner: contents.flat().filter((entry) => entry.isFolder).length,
    beside: top.filter((entry) => !entry.isFolder && isImage(entry.name)).length,
  };
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
    `the directory ${oneLine(directory)} must hold a folder of images for each of at least two classes, but has ${classes.length} such folder${classes.length === 1 ? "" : "s"}${passed}; ${advice}`,
  );
}

/** The folder in a directory that holds folders of images for two classes at least, of several the one of most images. */
async function deeperClasses(directory: string): Promise<string | undefined> {
  const folders = (await visible(directory)).filter((entry) => entry.isFolder);
  const within = await Promise.all(
    folders.map(async ({ name }) => {
      const path = join(directory, name);
      const { classes, files } = await listClasses(path).catch(() => ({ classes: [], files: [] })); // one that cannot be read is no advice
      return { path, classes: classes.length, images: files.length };
    }),
  );
  const [most] = within.filter(({ classes }) => classes >= 2).sort((a, b) => b.images - a.images);
  return most?.path;
}

/** Sentences on what is in the directory and not in the data. */
function remarksOnPassedOver(name: string, { empty, others, inner, beside }: Listing): string[] {
  const are = (n: number) => (n === 1 ? "is" : "are");
  return [
    ...(empty.length > 0
      ? [
          `${count(empty.length, "folder")} in ${name} without an image ${are(empty.length)} no class: ${listed(empty)}; if one should be, put its images into it`,
        ]
      : []),
    ...(others.size > 0 ? [noImages(`in the folders of ${name}`, others)] : []),
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

/** The bytes of all images in planes of their colours: [files, channels, height, width]. */
async function pixelsOf(
  decoder: ImageDecoder,
  directory: string,
  files: readonly ImageFile[],
  image: ImageShape,
): Promise<Uint8Array> {
  demandRoom(files.length, image);
  const paths = files.map(({ path }) => path);
  const { pixels, read } = await decoder.pixels(paths, image);
  demandReadable(paths, read, directory);
  return pixels;
}

function demandRoom(images: number, [channels, height, width]: ImageShape): void {
  const size = channels * height * width;
  if (images * size <= MOST_BYTES) return;
  throw inputError(
    `the images must fit ${MOST_BYTES / 2 ** 30} GB, but ${images} of ${height} x ${width} (height x width) need ${((images * size) / 2 ** 30).toPrecision(3)} GB; make them smaller with ${optionText("imageSize")}`,
  );
}

/** The height and width of all images. */
function oneSize(
  directory: string,
  files: readonly ImageFile[],
  facts: readonly (ImageHead | undefined)[],
): [number, number] {
  demandReadable(
    files.map(({ path }) => path),
    facts,
    directory,
  );
  const { width, height } = facts[0] as ImageHead; // none is missing
  const other = facts.findIndex((fact) => fact?.width !== width || fact.height !== height);
  if (other < 0) return [height, width];
  const { path } = files[other] as ImageFile;
  throw inputError(
    `the images in ${oneLine(directory)} must be of one size, but the first is ${height} x ${width} and ${oneLine(path)} is ${facts[other]?.height} x ${facts[other]?.width} (height x width); give all one with ${optionText("imageSize")}, for example 32`,
  );
}

function takeImages({ pixels, labels, rows: all }: LabelledPixels, rows: Uint32Array): LabelledPixels {
  const size = pixels.length / all;
  const taken = new Uint8Array(rows.length * size);
  rows.forEach((row, i) => taken.set(pixels.subarray(row * size, (row + 1) * size), i * size));
  return { rows: rows.length, pixels: taken, labels: Array.from(rows, (row) => labels[row] as number) };
}
