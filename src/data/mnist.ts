import { inputError } from "../util/error.ts";
import { parseIdxImages, parseIdxLabels, requireSameCount, type IdxImages, type IdxLabels } from "./idx.ts";
import { imageData, imageRows, type LabelledPixels } from "./image-data.ts";
import { aFile, type NamedBytes } from "./named-bytes.ts";
import { sizeRules, type PartSize } from "./part-sizes.ts";
import { tailSplit } from "./split.ts";
import type { Scale, SupervisedData } from "./supervised-data.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { flag, needed, oneOf, optionsOf, type Rules } from "../util/rule.ts";
import { aScale } from "./standardize.ts";

/** The sets of 28 x 28 grey images that come as four idx files. */
export type ImageSet = "mnist" | "fashion-mnist" | EmnistSet;

/** The parts of EMNIST (Cohen et al., 2017), whose files hold images with rows and columns exchanged. */
export type EmnistSet = `emnist-${"letters" | "digits" | "mnist" | "balanced" | "bymerge" | "byclass"}`;

/** The names of the four files of MNIST and Fashion-MNIST, which are the same. */
export const imageSetFiles = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

/** The names of the four files of a set. */
export const filesOf = (set: ImageSet): Readonly<Record<keyof typeof imageSetFiles, string>> =>
  isEmnist(set)
    ? {
        trainImages: `${set}-train-images-idx3-ubyte`,
        trainLabels: `${set}-train-labels-idx1-ubyte`,
        testImages: `${set}-test-images-idx3-ubyte`,
        testLabels: `${set}-test-labels-idx1-ubyte`,
      }
    : imageSetFiles;

/** The four files, uncompressed. */
export type ImageSetBytes = Readonly<Record<keyof typeof imageSetFiles, NamedBytes>>;

/** How the images become examples. */
export interface ImageSetOptions {
  /** The last rows of the training images that validate; default 0.15, which leaves 51,000 of 60,000 for training. */
  readonly valid?: PartSize;
  /** `flat` is [rows, pixels], `image` is [rows, 1, height, width]; default `flat`. */
  readonly shape?: "flat" | "image";
  /** Of pixels from 0 to 1. Default: 0.1307 and 0.3081 for MNIST, those of the training part for Fashion-MNIST. */
  readonly scale?: Scale;
  /** Whether the validation images train as well. Default false. */
  readonly joined?: boolean;
}

const imageSetRules: Rules<ImageSetOptions> = {
  ...{ valid: sizeRules.valid, shape: oneOf("flat", "image"), scale: aScale, joined: flag },
};

const fileRules: Rules<ImageSetBytes> = {
  ...{
    trainImages: needed(aFile),
    trainLabels: needed(aFile),
    testImages: needed(aFile),
    testLabels: needed(aFile),
  },
};

/**
 * Handwritten digits (LeCun, Cortes and Burges): classification into "0" to "9".
 *
 * @throws {HypertrainError} naming the file that is malformed; for what is no file, or an option that is none of these.
 */
export const mnist = (files: ImageSetBytes, options: ImageSetOptions = {}): SupervisedData =>
  setOf("mnist", DIGITS, files, {
    scale: { mean: 0.1307, sd: 0.3081 },
    ...ownOptions("mnist", options, imageSetRules),
  });

/**
 * Articles of clothing (Xiao, Rasul and Vollgraf, 2017): a harder set of the same format as MNIST.
 *
 * @throws {HypertrainError} naming the file that is malformed; for what is no file, or an option that is none of these.
 */
export const fashionMnist = (files: ImageSetBytes, options: ImageSetOptions = {}): SupervisedData =>
  setOf("fashion-mnist", ARTICLES, files, ownOptions("fashionMnist", options, imageSetRules));

/**
 * Handwritten letters and digits: classification into the characters. Images are turned upright, as those of MNIST stand in the file;
 * the labels of letters count from 1 there.
 *
 * @throws {HypertrainError} naming the file that is malformed; for what is no file, or an option that is none of these.
 */
export function emnist(set: EmnistSet, files: ImageSetBytes, options: ImageSetOptions = {}): SupervisedData {
  demandGiven("emnist", { set }, { set: oneOf(...emnistSets) });
  const own = ownOptions("emnist", options, imageSetRules);
  return setOf(set, emnistClasses[set], files, own, set === "emnist-letters" ? 1 : 0);
}

/** Whether a set is a part of EMNIST. */
export const isEmnist = (set: ImageSet): set is EmnistSet => set.startsWith("emnist-");

const CAPITALS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

const DIGITS = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

const ARTICLES = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

/** The small letters that do not look like their capitals. */
const OWN_SMALL = [..."abdefghnqrt"];

const emnistClasses: Readonly<Record<EmnistSet, readonly string[]>> = {
  "emnist-letters": CAPITALS,
  "emnist-digits": DIGITS,
  "emnist-mnist": DIGITS,
  "emnist-balanced": [...DIGITS, ...CAPITALS, ...OWN_SMALL],
  "emnist-bymerge": [...DIGITS, ...CAPITALS, ...OWN_SMALL],
  "emnist-byclass": [...DIGITS, ...CAPITALS, ...CAPITALS.map((letter) => letter.toLowerCase())],
};

const emnistSets = Object.keys(emnistClasses) as readonly EmnistSet[]; // the keys are those of the literal above

function setOf(
  name: ImageSet,
  classes: readonly string[],
  files: ImageSetBytes,
  { valid = 0.15, shape = "flat", scale, joined = false }: ImageSetOptions,
  first = 0,
): SupervisedData {
  demandGiven(name, { files }, { files: optionsOf(fileRules) });
  const range = { classes: classes.length, first };
  const transposed = isEmnist(name);
  const training = labelledImages(files.trainImages, files.trainLabels, { ...range, transposed });
  const testing = labelledImages(files.testImages, files.testLabels, { ...range, transposed });
  const { images } = training;
  requireSameSize(images, testing.images);
  const all = pixelsOf(training);
  const validFrom = tailSplit(images.rows, { valid, noun: "image" }).train.length;
  return imageData({
    ...{ name, classes, image: [1, images.height, images.width] },
    ...(shape === "flat" && { inputShape: [images.height * images.width] }),
    train: imageRows(all, 0, joined ? images.rows : validFrom),
    valid: imageRows(all, validFrom, images.rows),
    test: pixelsOf(testing),
    ...(scale && { scale }),
  });
}

const pixelsOf = ({ images, labels }: LabelledImages): LabelledPixels => ({
  rows: images.rows,
  pixels: images.pixels,
  labels: labels.classes,
});

interface LabelledImages {
  readonly images: IdxImages;
  readonly labels: IdxLabels;
}

function labelledImages(
  imageFile: NamedBytes,
  labelFile: NamedBytes,
  {
    transposed,
    ...range
  }: { readonly classes: number; readonly first: number; readonly transposed: boolean },
): LabelledImages {
  const images = parseIdxImages(imageFile);
  const labels = parseIdxLabels(labelFile, range);
  requireSameCount(images, labels);
  return { images: transposed ? upright(images) : images, labels };
}

/** Images whose rows were columns. */
function upright({ pixels, ...images }: IdxImages): IdxImages {
  const { rows, height: width, width: height } = images;
  const turned = new Uint8Array(pixels.length);
  for (let i = 0; i < rows; i++)
    for (let r = 0; r < height; r++)
      for (let c = 0; c < width; c++)
        turned[(i * height + r) * width + c] = pixels[(i * width + c) * height + r] as number;
  return { ...images, height, width, pixels: turned };
}

function requireSameSize(training: IdxImages, testing: IdxImages): void {
  if (training.height !== testing.height || training.width !== testing.width) {
    throw inputError(
      `${training.name} and ${testing.name} must hold images of one size, but got ${training.height} x ${training.width} and ${testing.height} x ${testing.width} (height x width); check that they belong together`,
    );
  }
}
