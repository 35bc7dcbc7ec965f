import { inputError } from "../util/error.ts";
import { imageData, imageRows, type LabelledPixels } from "./image-data.ts";
import type { NamedBytes } from "./named-bytes.ts";
import { tailSplit } from "./split.ts";
import type { PartSize } from "./part-sizes.ts";
import type { SupervisedData } from "./supervised-data.ts";

/** The sets of 32 x 32 images in colour in their binary form. */
export type CifarSet = "cifar10" | "cifar100";

/** What a set's binary form consists of. */
export interface CifarFiles {
  /** Training images, in this order. */
  readonly train: readonly string[];
  readonly test: string;
  /** Bytes before the pixels of a record, of which the last is the class. */
  readonly labelBytes: number;
}

/** The files of each set. */
export const cifarFiles: Readonly<Record<CifarSet, CifarFiles>> = {
  cifar10: {
    train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
    test: "test_batch.bin",
    labelBytes: 1,
  },
  cifar100: { train: ["train.bin"], test: "test.bin", labelBytes: 2 }, // of which the first is the class's group
};

/** How the images become examples. */
export interface CifarOptions {
  /** The last rows of the training images that validate; default 0.2, which leaves 40,000 of 50,000 for training. */
  readonly valid?: PartSize;
  /** Whether the validation images train as well. Default false. */
  readonly joined?: boolean;
}

/**
 * CIFAR-10 or CIFAR-100 (Krizhevsky 2009): photographs of 32 x 32 in colour. All three channels are standardised by the mean and deviation of all
 * pixels of the training part.
 *
 * @param files the training files in order, then that for testing
 * @throws {HypertrainError} naming the file that is malformed.
 */
export function cifar(
  set: CifarSet,
  { train, test }: { readonly train: readonly NamedBytes[]; readonly test: NamedBytes },
  { valid = 0.2, joined = false }: CifarOptions = {},
): SupervisedData {
  const classes = cifarClasses[set];
  const recordsOf = (file: NamedBytes) => parseRecords(file, cifarFiles[set].labelBytes, classes.length);
  const training = joinedImages(train.map(recordsOf));
  const validFrom = tailSplit(training.rows, { valid, noun: "image" }).train.length;
  return imageData({
    ...{ name: set, classes, image: [3, SIDE, SIDE] },
    train: imageRows(training, 0, joined ? training.rows : validFrom),
    valid: imageRows(training, validFrom, training.rows),
    test: recordsOf(test),
  });
}

const SIDE = 32;
const PIXELS = 3 * SIDE * SIDE;

function parseRecords({ name, bytes }: NamedBytes, labelBytes: number, classes: number): LabelledPixels {
  const size = labelBytes + PIXELS;
  const rows = bytes.length / size;
  if (rows === 0 || !Number.isInteger(rows)) {
    throw inputError(
      `${name} must hold records of ${size} bytes, but has ${bytes.length} bytes; get the file again, in the binary form`,
    );
  }
  const pixels = new Uint8Array(rows * PIXELS);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = row * size + labelBytes;
    pixels.set(bytes.subarray(at, at + PIXELS), row * PIXELS);
    const label = bytes[at - 1] as number;
    if (label >= classes) {
      throw inputError(
        `the classes in ${name} must be from 0 to ${classes - 1}, but image ${row + 1} has ${label}; check that it is the file of this set`,
      );
    }
    labels[row] = label;
  }
  return { rows, pixels, labels };
}

function joinedImages(parts: readonly LabelledPixels[]): LabelledPixels {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const pixels = new Uint8Array(rows * PIXELS);
  const labels = new Uint8Array(rows);
  let from = 0;
  for (const part of parts) {
    pixels.set(part.pixels, from * PIXELS);
    labels.set(part.labels, from);
    from += part.rows;
  }
  return { rows, pixels, labels };
}

const FINE =
  "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar cattle " +
  "chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house " +
  "kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid " +
  "otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark " +
  "shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor " +
  "train trout tulip turtle wardrobe whale willow_tree wolf woman worm";

const cifarClasses: Readonly<Record<CifarSet, readonly string[]>> = {
  cifar10: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
  cifar100: FINE.split(" "),
};
