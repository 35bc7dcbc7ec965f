import { HostArray } from "../../util/host-array.ts";
import { affine } from "./affine.ts";
import { crop } from "./crop.ts";
import { cutout } from "./cutout.ts";
import { flip } from "./flip.ts";
import type { Draws, ImageOperation, Pixels, Strength, Strengths } from "./images.ts";
import { inputScale } from "./input-scale.ts";
import { jitter } from "./jitter.ts";
import { mixup, mixupStrength } from "./mixup.ts";
import { randAugment, trivialAugment } from "./policies.ts";

/** The operations on single images, in the order in which they are done. */
const imageOperations: readonly ImageOperation[] = [
  flip,
  crop,
  affine,
  jitter,
  randAugment,
  trivialAugment,
  cutout,
  inputScale,
];

/** The strengths of all operations by the names of their hyperparameters. */
export const imageStrengths: Readonly<Record<string, Strength>> = {
  ...Object.assign({}, ...imageOperations.map(({ strengths }) => strengths)),
  mixup: mixupStrength,
};

/** What the images of a minibatch are. */
export interface ImageFormat {
  /** `[channels, height, width]` */
  readonly shape: readonly number[];
  /** A pixel from 0 to 1 is `value * sd + mean`. */
  readonly mean: number;
  readonly sd: number;
}

/**
 * A view of a minibatch of images `x` with labels `y`: copies, changed at random. With a strength `mixup` it has the fields `share` and `partner` as
 * well (`Mixture`).
 */
export function imageView(
  batch: Readonly<Record<string, HostArray>>,
  { shape, mean, sd }: ImageFormat,
  strengths: Strengths,
  draws: Draws,
): Record<string, HostArray> {
  const x = batch.x as HostArray; // supervised data have it
  const [channels, height, width] = shape as [number, number, number];
  const rows = x.shape[0] as number;
  const data = x.data.slice() as Pixels; // images are floating-point numbers
  const images = { data, rows, channels, height, width, mean, sd };
  for (const operation of imageOperations) operation.apply(images, strengths, draws);
  const mixture = strengths.mixup && mixup(images, batch.y as HostArray, strengths.mixup, draws);
  return { ...batch, x: new HostArray(data, x.shape), ...mixture };
}
