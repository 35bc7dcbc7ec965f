import { affineSource, type AffineMap } from "./affine.ts";
import { adjustBrightness, adjustContrast, adjustSaturation } from "./colours.ts";
import {
  imageSize,
  type Draws,
  type ImageOperation,
  type Images,
  type Pixels,
  type Strengths,
} from "./images.ts";
import { autoContrast, equalize, posterize, sharpen, solarize } from "./tones.ts";

/** The largest magnitude of both policies: they have 31. */
const MOST = 30;

/**
 * RandAugment (Cubuk et al. 2020) with two operations an image, as torchvision has it: each drawn among 14, all at the magnitude `rand-augment`, of
 * either sign. At 0, where theirs would still equalize, nothing is done.
 */
export const randAugment: ImageOperation = {
  strengths: {
    "rand-augment": {
      about: "magnitude of two random operations, RandAugment",
      natural: { low: 0, high: MOST },
      range: { low: 0, high: MOST },
      ofTones: true,
    },
  },
  apply(images, { "rand-augment": magnitude }, draws) {
    if (!magnitude) return;
    const reaches = reachesOf({
      shear: 0.3,
      shift: (150 / 331) * images.width,
      turn: 30,
      factor: 0.9,
      bits: 4,
    });
    applyEach(images, draws, "rand-augment", 2, reaches, (row) => {
      const value = magnitude[row] as number;
      return value === 0 ? undefined : value;
    });
  },
};

/**
 * TrivialAugment (Müller and Hutter 2021), as torchvision's `TrivialAugmentWide`: one operation an image at a magnitude uniform on 0 to 30, here with
 * the probability `trivial-augment`; at 1 it is theirs.
 */
export const trivialAugment: ImageOperation = {
  strengths: {
    "trivial-augment": {
      about: "probability of one random operation at a random magnitude, TrivialAugment",
      natural: { low: 0, high: 1 },
      range: { low: 0, high: 1 },
      ofTones: true,
    },
  },
  apply(images, strengths: Strengths, draws) {
    const probability = strengths["trivial-augment"];
    if (!probability) return;
    const uniform = draws("trivial-augment magnitude", 2 * images.rows);
    const reaches = reachesOf({ shear: 0.99, shift: 32, turn: 135, factor: 0.99, bits: 6 });
    applyEach(images, draws, "trivial-augment", 1, reaches, (row) =>
      (uniform[2 * row] as number) < (probability[row] as number)
        ? Math.floor((uniform[2 * row + 1] as number) * (MOST + 1))
        : undefined,
    );
  },
};

/** Changes an image, pixels from 0 to 1, at a part of the largest magnitude from -1 to 1. */
type PolicyOperation = (pixels: Pixels, images: Images, part: number) => void;

interface Reaches {
  /** Tangent of the shear's angle. */
  readonly shear: number;
  readonly shift: number;
  /** Degrees. */
  readonly turn: number;
  /** How far a factor goes from 1. */
  readonly factor: number;
  /** Bits that posterize takes away. */
  readonly bits: number;
}

/** The operations in torchvision's order; those from `posterize` on know no sign. */
const reachesOf = ({ shear, shift, turn, factor, bits }: Reaches): readonly PolicyOperation[] => {
  const corner = [-0.5, -0.5] as const;
  const tilt = (part: number) => (Math.atan(shear * part) * 180) / Math.PI;
  const moves =
    (map: (part: number) => Partial<AffineMap>): PolicyOperation =>
    (pixels, images, part) =>
      move(pixels, images, { ...still, ...map(part) });
  return [
    () => {},
    moves((part) => ({ shear: [tilt(part), 0], centre: corner })),
    moves((part) => ({ shear: [0, tilt(part)], centre: corner })),
    moves((part) => ({ shift: [Math.trunc(shift * part), 0] })),
    moves((part) => ({ shift: [0, Math.trunc(shift * part)] })),
    moves((part) => ({ angle: -turn * part })),
    (pixels, _, part) => adjustBrightness(pixels, 1 + factor * part),
    (pixels, { channels }, part) => adjustSaturation(pixels, channels, 1 + factor * part),
    (pixels, { channels }, part) => adjustContrast(pixels, channels, 1 + factor * part),
    (pixels, images, part) => sharpen(pixels, images, 1 + factor * part),
    (pixels, _, part) => posterize(pixels, 8 - Math.round(bits * Math.abs(part))),
    (pixels, _, part) => solarize(pixels, 1 - Math.abs(part)),
    (pixels, { channels }) => autoContrast(pixels, channels),
    (pixels, { channels }) => equalize(pixels, channels),
  ];
};

const still: AffineMap = { angle: 0, shift: [0, 0], factor: 1, shear: [0, 0] };

/** Moves one image, black outside. */
function move(pixels: Pixels, { channels, width, height }: Images, map: AffineMap): void {
  const plane = width * height;
  const source = new Int32Array(plane);
  if (!affineSource({ width, height }, map, source)) return;
  const before = pixels.slice();
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < plane; i++) {
      const from = source[i] as number;
      pixels[channel * plane + i] = from < 0 ? 0 : (before[channel * plane + from] as number);
    }
  }
}

/** Does `count` operations to each image at its magnitude; none where that is undefined. */
function applyEach(
  images: Images,
  draws: Draws,
  name: string,
  count: number,
  operations: readonly PolicyOperation[],
  magnitudeOf: (row: number) => number | undefined,
): void {
  const { data, rows, mean, sd } = images;
  const size = imageSize(images);
  const uniform = draws(name, 2 * count * rows);
  const pixels = data.slice(0, size);
  for (let row = 0; row < rows; row++) {
    const magnitude = magnitudeOf(row);
    if (magnitude === undefined) continue;
    const image = data.subarray(row * size, (row + 1) * size);
    for (let i = 0; i < size; i++) pixels[i] = (image[i] as number) * sd + mean;
    for (let k = 0; k < count; k++) {
      const at = 2 * (row * count + k);
      const operation = operations[
        Math.floor((uniform[at] as number) * operations.length)
      ] as PolicyOperation;
      operation(pixels, images, ((uniform[at + 1] as number) < 0.5 ? -magnitude : magnitude) / MOST);
    }
    for (let i = 0; i < size; i++) image[i] = ((pixels[i] as number) - mean) / sd;
  }
}
