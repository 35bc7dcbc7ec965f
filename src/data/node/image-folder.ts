import { basename, resolve } from "node:path";

import { inputError } from "../../util/error.ts";
import { optionText } from "../../util/option-text.ts";
import { oneLine } from "../../util/text.ts";
import { classCounts, unevenClasses } from "../class-sizes.ts";
import { imageData, type ImageShape, type LabelledPixels } from "../image-data.ts";
import { joinedParts, stratifiedSplit, type PartSizes, type RowParts } from "../split.ts";
import type { SupervisedData } from "../supervised-data.ts";
import {
  demandReadable,
  imageDecoder,
  type DecodedImages,
  type ImageDecoder,
  type ImageHead,
} from "./decode-images.ts";
import { demandClasses, listClasses, remarksOnPassedOver, type ClassListing } from "./list-classes.ts";

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
  options: ImageFolderOptions = {},
): Promise<SupervisedData> {
  const folder = await openFolder(directory, options);
  return dataOf(folder, await decoded(folder, options), options);
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
  { seed = 0, side: _side, joined: _joined, ...sizes }: ImageFolderOptions,
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
    warnings: [...remarksOnPassedOver(name, listing), ...(uneven ? [uneven.sentence] : [])],
  };
}

type ImagesOfShape = DecodedImages & { readonly shape: ImageShape };

/** The bytes of all images in planes of their colours: [files, channels, height, width]. */
async function decoded(folder: OpenFolder, { side }: ImageFolderOptions): Promise<ImagesOfShape> {
  const { paths, heads, decoder } = folder;
  const [height, width] = side === undefined ? oneSize(folder) : [side, side];
  const shape: ImageShape = [heads.every((head) => head?.grey !== false) ? 1 : 3, height, width];
  demandRoom(paths.length, shape);
  return { shape, ...(await decoder.pixels(paths, shape)) };
}

function dataOf(
  { directory, name, classes, paths, labels, parts: drawn, warnings }: OpenFolder,
  { shape: image, pixels, read }: ImagesOfShape,
  { side, joined = false }: ImageFolderOptions,
): SupervisedData {
  demandReadable(paths, read, directory);
  const parts = joined ? joinedParts(drawn) : drawn;
  const part = (rows: Uint32Array): LabelledPixels =>
    takeImages({ rows: paths.length, pixels, labels }, rows);
  return imageData({
    ...{ name, classes, image, resized: side !== undefined },
    ...{ train: part(parts.train), valid: part(parts.valid) },
    ...(parts.test && { test: part(parts.test) }),
    warnings,
  });
}

function demandRoom(images: number, [channels, height, width]: ImageShape): void {
  const size = channels * height * width;
  if (images * size <= MOST_BYTES) return;
  throw inputError(
    `the images must fit ${MOST_BYTES / 2 ** 30} GB, but ${images} of ${height} x ${width} (height x width) need ${((images * size) / 2 ** 30).toPrecision(3)} GB; make them smaller with ${optionText("imageSize")}`,
  );
}

/** The height and width of all images whose heads can be read; the others are told with those whose pixels cannot be. */
function oneSize({ directory, paths, heads }: OpenFolder): [number, number] {
  const first = heads.findIndex((head) => head !== undefined);
  if (first < 0) demandReadable(paths, heads, directory);
  const { width, height } = heads[first] as ImageHead; // else demandReadable has thrown
  const other = heads.findIndex((head) => head && (head.width !== width || head.height !== height));
  if (other < 0) return [height, width];
  throw inputError(
    `the images in ${oneLine(directory)} must be of one size, but ${first === 0 ? "the first" : oneLine(paths[first] as string)} is ${height} x ${width} and ${oneLine(paths[other] as string)} is ${heads[other]?.height} x ${heads[other]?.width} (height x width); give all one with ${optionText("imageSize")}, for example 32`,
  );
}

function takeImages({ pixels, labels, rows: all }: LabelledPixels, rows: Uint32Array): LabelledPixels {
  const size = pixels.length / all;
  const taken = new Uint8Array(rows.length * size);
  rows.forEach((row, i) => taken.set(pixels.subarray(row * size, (row + 1) * size), i * size));
  return { rows: rows.length, pixels: taken, labels: Array.from(rows, (row) => labels[row] as number) };
}
