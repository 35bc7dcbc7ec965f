import { optionText } from "../../util/option-text.ts";
import type { ImageHead } from "./decode-images.ts";

/** Height and width of images in pixels. */
export type ImageSides = Pick<ImageHead, "height" | "width">;

/** What images of a folder are brought to where nobody says. */
export interface ChosenSize {
  /** Height and width. */
  readonly side: number;
  /** In one sentence. */
  readonly why: string;
}

/**
 * The size that the images of a folder get where nobody says: small ones that are all alike stay as they are. All others become squares of 8, 16 or 32 pixels, the
 * most that half of them fill in height and width, enlarged by at most a tenth: on a CPU a step on larger ones takes too long (docs/decisions/0046-the-size-of-photos.md,
 * 0048-images-a-little-smaller.md).
 *
 * @param images at least one
 * @returns nothing where they stay as they are
 */
export function chosenSize(images: readonly ImageSides[]): ChosenSize | undefined {
  const byArea = images.toSorted((a, b) => areaOf(a) - areaOf(b));
  const [least, most] = [byArea[0], byArea.at(-1)] as [ImageSides, ImageSides]; // there is one
  const alike = images.every((image) => textOf(image) === textOf(least));
  if (alike && areaOf(least) <= MOST_PIXELS) return undefined;
  const squares = images.map(({ height, width }) => Math.min(height, width)); // what the middle of each is before it is brought to the size
  const filling = (side: number) => squares.filter((own) => MOST_ENLARGED * own >= side).length;
  const side = SIDES.find((side) => 2 * filling(side) >= images.length) ?? LEAST_SIDE;
  const smaller = squares.filter((own) => own < side).length;
  const found = alike
    ? `all are ${textOf(least)}, on which a CPU trains for long`
    : `they differ in size, from ${textOf(least)} to ${textOf(most)}`;
  return {
    side,
    why:
      `All images become ${textOf({ height: side, width: side })} (height x width), since ${found}` +
      (smaller > 0 ? `; ${enlarged(smaller, images.length)}` : "") +
      (squares.some((own) => own > side)
        ? `; a larger ${optionText("imageSize")} shows more and takes longer.`
        : "."),
  };
}

const enlarged = (smaller: number, all: number): string =>
  smaller === all
    ? "all are smaller and are enlarged"
    : `${smaller} of ${all} ${smaller === 1 ? "is smaller and is" : "are smaller and are"} enlarged`;

const LEAST_SIDE = 8;

/** By how much images are enlarged so that they need not become half as large. */
const MOST_ENLARGED = 1.1;

/** From the largest. */
const SIDES = [32, 16, LEAST_SIDE];

/** Pixels of images that stay as they are where all are alike: 64 x 64. */
const MOST_PIXELS = 4096;

const areaOf = ({ height, width }: ImageSides): number => height * width;

const textOf = ({ height, width }: ImageSides): string => `${height} x ${width}`;
