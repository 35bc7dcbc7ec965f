import { basename, resolve } from "node:path";

import type { ExamplesReport, ImageFilesReport } from "../../api/examples-report.ts";
import { HypertrainError, inputError } from "../../util/error.ts";
import { gibibytes } from "../../util/gibibytes.ts";
import { optionText } from "../../util/option-text.ts";
import { oneLine } from "../../util/text.ts";
import { classCounts, unevenClasses } from "../class-sizes.ts";
import { classParts } from "../examples-report.ts";
import { imageData, type ImageShape, type LabelledPixels } from "../image-data.ts";
import { foldedParts } from "../fold-rows.ts";
import { joinedParts, stratifiedSplit, type RowParts } from "../split.ts";
import type { PartSizes } from "../part-sizes.ts";
import type { SupervisedData } from "../supervised-data.ts";
import { chosenSize, type ImageSides } from "./chosen-size.ts";
import { anew, type Keep } from "./keep.ts";
import { copiesAmong, remarksOnCopies, type CopyFacts } from "./copies.ts";
import {
  demandReadable,
  imageDecoder,
  type DecodedImages,
  type ImageDecoder,
  type ImageHead,
} from "./decode-images.ts";
import { demandClasses, listClasses, remarksOnListing, type ClassListing } from "./list-classes.ts";

/** How the images of a folder become examples. */
export interface ImageFolderOptions extends PartSizes {
  /**
   * Height and width that all images get, the middle cut out where they are longer; `own` leaves them as they are, if all are alike. Default: their own, if that
   * is small and all are alike, else by rule; {@link ImageFacts.chosen} says why.
   */
  readonly side?: number | "own";
  /** Of the split, in which every class has its share; default 0. */
  readonly seed?: number;
  /** Whether the validation images train as well; default false. */
  readonly joined?: boolean;
  /** How many networks are trained on folds of the images that are no test images, so that copies in several folds are told; default none. */
  readonly folds?: number;
}

/**
 * Images of a directory with a folder for each class, by the package `sharp`, which is loaded here.
 *
 * Images are in colour, or grey where all of them are; transparency is left out. Copies, what is passed over, and classes of few images stand in the
 * warnings. Sizes in sentences are height x width.
 *
 * @param kept keeps the images, for whoever joins their parts, or does not
 * @throws {HypertrainError} where there are less than two classes, a class that does not train, images that cannot be read, or images of several
 *   sizes that are to stay as they are; and where the package is not installed.
 */
export async function readImageFolder(
  directory: string,
  options: ImageFolderOptions = {},
  kept: Keep = anew,
): Promise<SupervisedData> {
  const { folder, images, copies } = await kept(async () => {
    const folder = await openFolder(directory, options);
    const images = await decoded(folder, options);
    return { folder, images, copies: await copiesAmong(folder.paths) };
  });
  const data = dataOf(folder, images, options);
  return {
    ...data,
    warnings: [...remarksOnCopies(folder.name, copies, placesOf(folder, options)), ...data.warnings],
  };
}

/** A folder of images as it was found, with the data that it makes. */
export interface ExaminedFolder {
  readonly report: ExamplesReport;
  /** Absent where the report says why it makes none. */
  readonly data?: SupervisedData;
}

/**
 * What a directory with a folder of images for each class holds, and what would become of it: what {@link readImageFolder} refuses of the images
 * stands in the report.
 *
 * @throws {HypertrainError} where there are less than two classes, or parts of such sizes cannot be drawn; and where `sharp` is not installed.
 */
export async function examineImageFolder(
  directory: string,
  options: ImageFolderOptions = {},
): Promise<ExaminedFolder> {
  const folder = await openFolder(directory, options);
  const { name, classes, labels, paths, heads, warnings } = folder;
  const parts = options.joined ? joinedParts(folder.parts) : folder.parts;
  const images = await orRefusal(() => decoded(folder, options));
  const made = images.value
    ? await orRefusal(async () => dataOf(folder, images.value as ImagesOfShape, options))
    : images;
  const data = made.value && "splits" in made.value ? made.value : undefined;
  const copies = await copiesAmong(paths);
  const read = images.value?.read ?? heads.map((head) => head !== undefined);
  return {
    report: {
      ...{ name, kind: "images" },
      parts: { train: parts.train.length, valid: parts.valid.length, test: parts.test?.length ?? 0 },
      classes: classParts(classes, {
        train: Array.from(parts.train, (row) => labels[row] as number),
        valid: Array.from(parts.valid, (row) => labels[row] as number),
        test: Array.from(parts.test ?? [], (row) => labels[row] as number),
      }),
      ...(images.value && { shape: images.value.shape }),
      files: {
        ...shapesOf(heads),
        ...(images.value?.chosen !== undefined && { chosen: images.value.chosen }),
        unreadable: paths.filter((_, i) => !read[i]),
        copies: copies.map((rows) => rows.map((row) => paths[row] as string)),
      },
      ...(made.refused !== undefined && { refused: made.refused }),
      warnings: [...remarksOnCopies(name, copies, placesOf(folder, options)), ...warnings],
    },
    ...(data && { data }),
  };
}

/** Where the images lie: which part, or fold, each is in. */
function placesOf(
  { paths, labels, parts }: OpenFolder,
  { seed = 0, folds }: Pick<ImageFolderOptions, "seed" | "folds">,
): CopyFacts {
  if (folds === undefined) return { paths, labels, parts };
  return { paths, labels, parts: foldedParts(parts, { folds, seed, classes: labels }), folded: true };
}

/** What a piece of work gives, or the sentence by which it is refused. */
async function orRefusal<T>(work: () => Promise<T>): Promise<{ value?: T; refused?: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof HypertrainError)) throw error;
    return { refused: error.message };
  }
}

const MOST_BYTES = 4 * 2 ** 30;

/** A directory whose heads of images were read. */
interface OpenFolder extends Pick<ClassListing, "classes"> {
  readonly directory: string;
  readonly name: string;
  readonly paths: readonly string[];
  readonly labels: Uint16Array;
  /** Undefined of an image that cannot be read. */
  readonly heads: readonly (ImageHead | undefined)[];
  readonly parts: RowParts;
  readonly decoder: ImageDecoder;
  readonly warnings: readonly string[];
}

async function openFolder(
  directory: string,
  { seed = 0, side: _side, joined: _joined, folds: _folds, ...sizes }: ImageFolderOptions,
): Promise<OpenFolder> {
  const listing = await listClasses(directory);
  await demandClasses(directory, listing);
  const { classes, files } = listing;
  const labels = Uint16Array.from(files, ({ label }) => label);
  const parts = stratifiedSplit(labels, { seed, ...sizes, noun: "image" });
  const decoder = await imageDecoder();
  const paths = files.map(({ path }) => path);
  const name = basename(resolve(directory)) || "images";
  const uneven = unevenClasses(classCounts(files.map(({ label }) => classes[label] as string)), {
    where: name,
    noun: "image",
  });
  return {
    ...{ directory, name, classes, paths, labels, parts, decoder },
    heads: await decoder.heads(paths),
    warnings: [...remarksOnListing(name, listing), ...(uneven ? [uneven.sentence] : [])],
  };
}

interface ImagesOfShape extends DecodedImages, SettledSize {
  readonly shape: ImageShape;
}

/** The bytes of all images in planes of their colours: [files, channels, height, width]. */
async function decoded(folder: OpenFolder, { side }: ImageFolderOptions): Promise<ImagesOfShape> {
  const { paths, heads, decoder } = folder;
  const size = settledSize(folder, side);
  const { height, width } = size.sides;
  const shape: ImageShape = [heads.every((head) => head?.grey !== false) ? 1 : 3, height, width];
  demandRoom(paths.length, shape);
  return { shape, ...size, ...(await decoder.pixels(paths, shape)) };
}

/** What all images are brought to. */
interface SettledSize {
  readonly sides: ImageSides;
  readonly resized: boolean;
  /** Why, where nobody said. */
  readonly chosen?: string;
}

function settledSize(folder: OpenFolder, side: ImageFolderOptions["side"]): SettledSize {
  if (typeof side === "number") return { sides: { height: side, width: side }, resized: true };
  const known = folder.heads.filter((head) => head !== undefined);
  if (known.length === 0) demandReadable(folder.paths, folder.heads, folder.directory);
  const chosen = side === "own" ? undefined : chosenSize(known);
  if (!chosen) return { sides: oneSize(folder), resized: false };
  return { sides: { height: chosen.side, width: chosen.side }, resized: true, chosen: chosen.why };
}

function dataOf(
  { directory, name, classes, paths, labels, parts: drawn, warnings }: OpenFolder,
  { shape: image, pixels, read, resized, chosen }: ImagesOfShape,
  { joined = false }: ImageFolderOptions,
): SupervisedData {
  demandReadable(paths, read, directory);
  const parts = joined ? joinedParts(drawn) : drawn;
  const part = (rows: Uint32Array): LabelledPixels =>
    takeImages({ rows: paths.length, pixels, labels }, rows);
  return imageData({
    ...{ name, classes, image, resized },
    ...(chosen !== undefined && { chosen }),
    ...{ train: part(parts.train), valid: part(parts.valid) },
    ...(parts.test && { test: part(parts.test) }),
    warnings,
  });
}

function demandRoom(images: number, [channels, height, width]: ImageShape): void {
  const size = channels * height * width;
  if (images * size <= MOST_BYTES) return;
  throw inputError(
    `the images must fit ${gibibytes(MOST_BYTES)}, but ${images} of ${height} x ${width} (height x width) need ${gibibytes(images * size)}; make them smaller with ${optionText("imageSize")}`,
  );
}

/** The height and width of all images whose heads can be read; the others are told with those whose pixels cannot be. */
function oneSize({ directory, paths, heads }: OpenFolder): ImageSides {
  const first = heads.findIndex((head) => head !== undefined);
  const { width, height } = heads[first] as ImageHead; // one was read
  const other = heads.findIndex((head) => head && (head.width !== width || head.height !== height));
  if (other < 0) return { height, width };
  throw inputError(
    `the images in ${oneLine(directory)} must be of one size, but ${first === 0 ? "the first" : oneLine(paths[first] as string)} is ${height} x ${width} and ${oneLine(paths[other] as string)} is ${heads[other]?.height} x ${heads[other]?.width} (height x width); give all one with ${optionText("imageSize")}, for example 32`,
  );
}

/** How many images have each size, the most frequent first, and how many are in colour. */
function shapesOf(
  heads: readonly (ImageHead | undefined)[],
): Pick<ImageFilesReport, "sizes" | "grey" | "colour"> {
  const known = heads.filter((head) => head !== undefined);
  const sizes = Map.groupBy(known, ({ height, width }) => `${height} x ${width}`);
  return {
    sizes: [...sizes.values()]
      .map((alike) => ({ ...sideOf(alike), images: alike.length }))
      .sort((a, b) => b.images - a.images),
    grey: known.filter(({ grey }) => grey).length,
    colour: known.filter(({ grey }) => !grey).length,
  };
}

const sideOf = ([head]: readonly ImageHead[]) => {
  const { height, width } = head as ImageHead; // no group is empty
  return { height, width };
};

function takeImages({ pixels, labels, rows: all }: LabelledPixels, rows: Uint32Array): LabelledPixels {
  const size = pixels.length / all;
  const taken = new Uint8Array(rows.length * size);
  rows.forEach((row, i) => taken.set(pixels.subarray(row * size, (row + 1) * size), i * size));
  return { rows: rows.length, pixels: taken, labels: Array.from(rows, (row) => labels[row] as number) };
}
