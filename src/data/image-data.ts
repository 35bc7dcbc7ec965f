import { HostArray } from "../util/host-array.ts";
import { demandTrainedClasses } from "./class-sizes.ts";
import type { Dataset } from "./dataset.ts";
import type { Scale, SupervisedData } from "./supervised-data.ts";

/** What one image is like: one channel is grey, three are red, green and blue. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/** Images with their classes, a byte a number. */
export interface LabelledPixels {
  readonly rows: number;
  /** [rows, channels, height, width] */
  readonly pixels: Uint8Array;
  /** From 0: [rows]. */
  readonly labels: ArrayLike<number>;
}

/** What images are made into. */
export interface ImageDataOptions {
  readonly name: string;
  readonly classes: readonly string[];
  /** `[channels, height, width]` */
  readonly image: readonly number[];
  /** Default `image`. */
  readonly inputShape?: readonly number[];
  readonly train: LabelledPixels;
  readonly valid: LabelledPixels;
  readonly test?: LabelledPixels;
  /** Of pixels from 0 to 1; default that of all channels of the training part. */
  readonly scale?: Scale;
  /** Whether their files were brought to one size; default false. */
  readonly resized?: boolean;
  /** Why to this one, where that was chosen by rule. */
  readonly chosen?: string;
  /** Sentences on what is odd in the images but not wrong; default none. */
  readonly warnings?: readonly string[];
}

/**
 * Images as examples, all channels standardised alike.
 *
 * @throws {HypertrainError} where a class is missing from the training part.
 */
export function imageData(options: ImageDataOptions): SupervisedData {
  const {
    name,
    classes,
    image,
    inputShape = image,
    train,
    valid,
    test,
    resized = false,
    chosen,
    warnings = [],
  } = options;
  const { mean, sd } = options.scale ?? pixelScale(train.pixels);
  const values = Float32Array.from({ length: 256 }, (_, tone) => (tone / 255 - mean) / sd);
  const part = ({ rows, pixels, labels }: LabelledPixels): Dataset => ({
    rows,
    fields: { y: new HostArray(Int32Array.from(labels), [rows]) },
    coded: { x: { codes: pixels, values, shape: [rows, ...inputShape] } },
  });
  demandTrainedClasses(
    name,
    {
      train: Array.from(train.labels),
      validation: Array.from(valid.labels),
      test: Array.from(test?.labels ?? []),
    },
    (label) => classes[label] as string,
  );
  return {
    ...{ name, task: "classification", inputShape },
    splits: { train: part(train), valid: part(valid), ...(test && { test: part(test) }) },
    images: {
      ...{ shape: image, scale: { mean: 255 * mean, sd: 255 * sd }, white: 255, resized },
      ...(chosen !== undefined && { chosen }),
    },
    ...{ outputs: classes.length, classes, warnings },
  };
}

/** Consecutive rows of images, without copying their pixels. */
export function imageRows(
  { rows, pixels, labels }: LabelledPixels,
  from: number,
  to: number,
): LabelledPixels {
  const size = pixels.length / rows;
  return {
    rows: to - from,
    pixels: pixels.subarray(from * size, to * size),
    labels: Array.prototype.slice.call(labels, from, to) as number[],
  };
}

/** The mean and deviation of pixels from 0 to 1, from how often each tone occurs. */
function pixelScale(pixels: Uint8Array): Scale {
  const counts = new Float64Array(256);
  for (const tone of pixels) counts[tone] = (counts[tone] as number) + 1;
  const moment = (value: (tone: number) => number) =>
    counts.reduce((total, count, tone) => total + count * value(tone / 255), 0) / pixels.length;
  const mean = moment((v) => v);
  const sd = Math.sqrt(moment((v) => (v - mean) ** 2));
  return { mean, sd: sd || 1 };
}
