import type Sharp from "sharp";
import { extname } from "node:path";

import type { ImageShape } from "../image-data.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";

/** What images are called; other files are none. */
export const imageExtensions: readonly string[] = [
  ".png",
  ".jpg",
  ".jpeg",
  ".webp",
  ".gif",
  ".tif",
  ".tiff",
  ".avif",
];

/** Whether a file is an image, by its name. */
export const isImage = (name: string): boolean => imageExtensions.includes(extname(name).toLowerCase());

/** What the head of an image says of it, as it stands upright. */
export interface ImageHead {
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
}

/** What reads image files. */
export interface ImageDecoder {
  /** What the heads of files say; nothing of one that cannot be read. */
  heads(paths: readonly string[]): Promise<(ImageHead | undefined)[]>;
  /**
   * The bytes of all images in planes of their colours, 255 for white, and whether each could be read. They are turned upright as their
   * files say, without transparency, and brought to the size: the middle is cut out of what is longer.
   */
  pixels(paths: readonly string[], shape: ImageShape): Promise<DecodedImages>;
}

/** Images as bytes. */
export interface DecodedImages {
  /** [images, channels, height, width] */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Of each image; the pixels of one that could not be read are 0. */
  readonly read: readonly boolean[];
}

/** Opens what reads image files, by the package `sharp`, which is loaded here. @throws {HypertrainError} where it is not installed. */
export async function imageDecoder(): Promise<ImageDecoder> {
  const sharp = await loadSharp();
  return {
    heads: (paths) => inTurns(paths, (path) => headOf(sharp, path), undefined),
    async pixels(paths, shape) {
      const size = shape.reduce((product, n) => product * n, 1);
      const pixels = new Uint8Array(paths.length * size);
      const decode = async (path: string, row: number) => {
        await decodeInto(pixels.subarray(row * size, (row + 1) * size), sharp, path, shape);
        return true;
      };
      return { pixels, read: await inTurns(paths, decode, false) };
    },
  };
}

/**
 * Demands that all images could be read.
 *
 * @param read of each what was read, or nothing
 * @param directory where they all are
 * @throws {HypertrainError} naming some that could not, and how many these are.
 */
export function demandReadable(paths: readonly string[], read: readonly unknown[], directory?: string): void {
  const unreadable = paths.filter((_, i) => !read[i]);
  if (unreadable.length === 0) return;
  const some = unreadable
    .slice(0, 3)
    .map((path) => oneLine(path))
    .join(", ");
  const where = directory === undefined ? "" : ` in ${oneLine(directory)}`;
  throw inputError(
    `all images${where} must be readable, but ${unreadable.length} of ${paths.length} ${unreadable.length === 1 ? "is" : "are"} not: ${some}${unreadable.length > 3 ? ", …" : ""}; remove or replace them`,
  );
}

async function headOf(sharp: typeof Sharp, path: string): Promise<ImageHead> {
  const { width, height, channels, autoOrient } = await sharp(path).metadata();
  return {
    width: autoOrient.width ?? width,
    height: autoOrient.height ?? height,
    grey: channels < 3,
  };
}

/** Fills `planes` [channels, height, width] with an image. */
async function decodeInto(
  planes: Uint8Array,
  sharp: typeof Sharp,
  path: string,
  [channels, height, width]: ImageShape,
): Promise<void> {
  const image = (await opaque(sharp, path))
    .resize(width, height)
    .toColourspace(channels === 1 ? "b-w" : "srgb");
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  for (let c = 0; c < channels; c++) {
    const from = Math.min(c, info.channels - 1);
    for (let i = 0; i < height * width; i++) {
      planes[c * height * width + i] = data[i * info.channels + from] as number;
    }
  }
}

/** An image, the right way up and without transparency, which would take the colours with it where an image is resized. */
async function opaque(sharp: typeof Sharp, path: string): Promise<ReturnType<typeof Sharp>> {
  const image = sharp(path).autoOrient();
  const { hasAlpha } = await image.metadata();
  if (!hasAlpha) return image;
  return sharp(await image.removeAlpha().png({ compressionLevel: 0 }).toBuffer());
}

/** Does something with each item, a few at once; `otherwise` takes the place of what fails. */
async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
  otherwise: R,
): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += 16) {
    const some = items.slice(from, from + 16).map((item, i) => work(item, from + i).catch(() => otherwise));
    results.push(...(await Promise.all(some)));
  }
  return results;
}

async function loadSharp(): Promise<typeof Sharp> {
  const { default: sharp } = await import("sharp").catch((cause: unknown) => {
    throw inputError(
      "images must be read by the package sharp beside hypertrain, but it does not load here; run `npm install sharp`",
      { cause },
    );
  });
  return sharp;
}
