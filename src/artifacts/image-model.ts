import type { Score } from "../api/trace.ts";
import { demandReadable, imageDecoder } from "../data/node/decode-images.ts";
import { listed } from "../data/quote.ts";
import { darkRemark } from "../data/pixel-columns.ts";
import type { Scale } from "../data/supervised-data.ts";
import { inputError } from "../util/error.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { HostArray } from "../util/host-array.ts";
import { nearest } from "../util/nearest.ts";
import { either, listOf, needed, text, type ValueRule } from "../util/rule.ts";
import { briefText } from "../util/brief-text.ts";
import { oneLine } from "../util/text.ts";
import { classAnswers, type ClassPrediction } from "./answers.ts";
import type { AskedNetwork } from "./asked-network.ts";
import type { ImageInput, ModelDocument } from "./model-document.ts";
import { count } from "../util/words.ts";

/** A trained model that answers for new images. */
export interface ImageModel {
  readonly kind: "images";
  readonly document: ModelDocument & WithImages;
  /**
   * The classes of images, from their files or from their pixels. Files are read a few at a time, as those of training were: turned
   * upright as they say, without transparency, in grey if all images of training were, at the size that the network takes, the middle
   * cut out of what is longer.
   *
   * ```ts
   * const { files, folders } = await findImages(["photos"]);
   * const { values, score } = await model.predict(files, { classes: folders });
   * ```
   *
   * @param images paths of files, or pixels as `document.images` says: its shape, and what is white
   * @throws {HypertrainError} naming files that cannot be read, for pixels that are not as many as the images need, no numbers or on
   *   another scale than from black to white, and for a class that is not known.
   */
  predict(images: readonly string[] | ImagePixels, known?: KnownClasses): Promise<ScoredClasses>;
  /**
   * What is odd about images, in sentences, none where they are as those of training: of files another size where these had one, colours
   * where these were grey; of pixels another scale. `predict` answers for them all the same. Nothing is said of files that cannot be read, all of which `predict`
   * names.
   *
   * @throws {HypertrainError} for pixels, as `predict` does.
   */
  remarksOn(images: readonly string[] | ImagePixels): Promise<readonly string[]>;
  /** Frees the engine's memory; a second time does nothing. Afterwards the model cannot be asked. */
  dispose(): void;
}

/** Pixels of images. */
export interface ImagePixels {
  readonly rows: number;
  /** From 0 for black to what is white for the model, 255 for most: [rows, channels, height, width]. */
  readonly pixels: ArrayLike<number>;
}

/** What is known of images that a model answers for. */
export interface KnownClasses {
  /** Of each image its class, where it is known. */
  readonly classes: readonly (string | undefined)[];
}

/** Answers for images, with loss and metric on those whose classes are known, where any are. */
export interface ScoredClasses extends ClassPrediction {
  readonly score?: Score;
}

type WithImages = {
  readonly images: ImageInput;
  readonly pixels: Scale;
  readonly classes: readonly string[];
};

/** Whether a model answers for images. */
export const takesImages = <D extends ModelDocument>(document: D): document is D & WithImages =>
  document.images !== undefined && document.pixels !== undefined && document.classes !== undefined;

/** A model of images, around its network. */
export function imageModel(document: ModelDocument & WithImages, network: AskedNetwork): ImageModel {
  const { classes, images: input, loss } = document;
  return {
    kind: "images",
    document,
    async predict(images, known) {
      demandGiven("predict", { images }, { images: someImages });
      const rows = isFiles(images) ? images.length : images.rows;
      const labels =
        known === undefined
          ? undefined
          : labelsOf(document, ownOptions("predict", known, { classes: someClasses }), rows);
      if (!isFiles(images)) demandPixels(images, input);
      const size = batchSize(input, rows);
      const white = isFiles(images) ? 255 : input.white;
      const outputs: number[][] = [];
      for await (const pixels of isFiles(images)
        ? ofFiles(images, input, size)
        : ofArray(images, input, size)) {
        const x = standardised(pixels, white, document, network.inputShape);
        outputs.push(...(await network.outputs({ rows: pixels.rows, fields: { x } }, size)));
      }
      const score = labels && (await scoreOf(network, outputs, labels));
      return { ...classAnswers(classes, loss, outputs), ...(score && { score }) };
    },
    async remarksOn(images) {
      demandGiven("remarksOn", { images }, { images: someImages });
      if (isFiles(images)) return remarksOn(images, input);
      demandPixels(images, input);
      const dark = darkRemark(input.white, images.pixels);
      return dark === undefined ? [] : [dark];
    },
    dispose: () => network.dispose(),
  };
}

const isFiles = (images: readonly string[] | ImagePixels): images is readonly string[] =>
  Array.isArray(images);

const somePixels: ValueRule<ImagePixels> = {
  must: "pixels as { rows, pixels }",
  holds: (value) => {
    if (typeof value !== "object" || value === null) return false;
    const { rows, pixels } = value as Readonly<Record<string, unknown>>;
    return typeof rows === "number" && typeof pixels === "object" && pixels !== null && "length" in pixels;
  },
};

const someImages = either({ ...listOf(text), must: "a list of paths" }, somePixels);

const someClasses = needed<ValueRule<KnownClasses["classes"]>>({
  must: "a list with the class of each image, or undefined where it is not known",
  holds: (value) =>
    Array.isArray(value) && value.every((name) => name === undefined || typeof name === "string"),
});

/** @throws {HypertrainError} for pixels that are not as many as the images need, no numbers, or on another scale. */
function demandPixels({ rows, pixels }: ImagePixels, input: ImageInput): void {
  const { shape, white } = input;
  const one = pixelsOfOne(input);
  if (!Number.isInteger(rows) || rows < 0 || pixels.length !== rows * one) {
    throw inputError(
      `the pixels must be ${shape.join(" x ")} (channels x height x width) for each image, but got ${pixels.length} for ${rows} image${rows === 1 ? "" : "s"}; give ${one} for each`,
    );
  }
  const must = `the pixels must be numbers from 0 for black to ${white} for white`;
  let highest = 0;
  for (let i = 0; i < pixels.length; i++) {
    const value: unknown = pixels[i];
    if (typeof value === "number" && value >= 0 && value <= white) highest = Math.max(highest, value);
    else {
      const has = `image ${Math.floor(i / one) + 1} has ${briefText(value)}`;
      throw inputError(`${must}, but ${has}; bring all to that scale, or leave it out`);
    }
  }
  if (highest > 0 && highest <= 1 && white >= MANY_TONES) {
    throw inputError(
      `${must}, but none is above ${highest}, as where white is 1; multiply them by ${white} if it is`,
    );
  }
}

/** From so many tones on, images of which no pixel is above 1 are not dark, but on a scale from 0 to 1. */
const MANY_TONES = 16;

const pixelsOfOne = ({ shape }: ImageInput): number => shape.reduce((product, n) => product * n, 1);

/** How many images go through the network at once: a power of 2, so that few different numbers are compiled for. */
function batchSize(input: ImageInput, rows: number): number {
  const most = Math.min(MOST_IMAGES, Math.max(1, MOST_PIXELS / pixelsOfOne(input)));
  return 2 ** Math.min(Math.floor(Math.log2(most)), Math.ceil(Math.log2(Math.max(1, rows))));
}

/** What a network makes of this many numbers in its layers fits into memory. */
const MOST_PIXELS = 2 ** 20;
const MOST_IMAGES = 512;

/** The images of files, read when they are asked for. After one that cannot be read no more are given, but all are tried. */
async function* ofFiles(
  files: readonly string[],
  { shape }: ImageInput,
  size: number,
): AsyncGenerator<ImagePixels> {
  const decoder = await imageDecoder();
  const read: boolean[] = [];
  let whole = true;
  for (let from = 0; from < files.length; from += size) {
    const some = files.slice(from, from + size);
    const decoded = await decoder.pixels(some, shape);
    read.push(...decoded.read);
    whole &&= decoded.read.every(Boolean);
    if (whole) yield { rows: some.length, pixels: decoded.pixels };
  }
  demandReadable(files, read);
}

function* ofArray({ rows, pixels }: ImagePixels, input: ImageInput, size: number): Generator<ImagePixels> {
  const one = pixelsOfOne(input);
  for (let from = 0; from < rows; from += size) {
    const some = Math.min(size, rows - from);
    const values = new Float64Array(some * one);
    for (let i = 0; i < values.length; i++) values[i] = pixels[from * one + i] as number;
    yield { rows: some, pixels: values };
  }
}

/** What the network takes: [rows, ...inputShape]. @param white what is white among the pixels */
function standardised(
  { rows, pixels }: ImagePixels,
  white: number,
  { pixels: { mean, sd }, images }: WithImages,
  inputShape: readonly number[],
): HostArray {
  const x = new Float32Array(pixels.length);
  for (let i = 0; i < x.length; i++) x[i] = (((pixels[i] as number) * images.white) / white - mean) / sd;
  return new HostArray(x, [rows, ...inputShape]);
}

/** The number of each image's class; nothing of one that is not known. */
function labelsOf(
  { classes }: WithImages,
  known: KnownClasses,
  rows: number,
): readonly (number | undefined)[] {
  if (known.classes.length !== rows) {
    throw inputError(
      `there must be a class for each image, or undefined, but got ${known.classes.length} for ${rows} images; give as many`,
    );
  }
  const places = new Map(classes.map((name, label) => [name, label]));
  return known.classes.map((name) => {
    const label = name === undefined ? undefined : places.get(name);
    if (name === undefined || label !== undefined) return label;
    throw inputError(
      `the classes must be among those of the model, ${listed(classes)}, but got "${oneLine(name)}"${nearest(name, classes)}`,
    );
  });
}

/** Loss and metric on the images whose classes are known; nothing where none is. */
async function scoreOf(
  network: AskedNetwork,
  outputs: readonly number[][],
  labels: readonly (number | undefined)[],
): Promise<Score | undefined> {
  const rows = labels.flatMap((label, row) => (label === undefined ? [] : [{ label, row }]));
  if (rows.length === 0) return undefined;
  const y = new HostArray(
    Int32Array.from(rows, ({ label }) => label),
    [rows.length],
  );
  return network.score(
    rows.map(({ row }) => outputs[row] as number[]),
    y,
  );
}

async function remarksOn(
  files: readonly string[],
  { shape: [channels, height, width], resized }: ImageInput,
): Promise<string[]> {
  const heads = await (await imageDecoder()).heads(files);
  const others = heads.flatMap((head, i) =>
    head && (head.width !== width || head.height !== height) ? [{ head, path: files[i] as string }] : [],
  );
  const colourful = files.filter((_, i) => heads[i]?.grey === false);
  const are = (n: number) => (n === 1 ? "is" : "are");
  const [other] = others;
  return [
    ...(other && !resized
      ? [
          `${count(others.length, "image")} of ${files.length} ${are(others.length)} not of ${height} x ${width} (height x width), as all were in training, and ${are(others.length)} brought to that, with the middle cut out: ${oneLine(other.path)} is ${other.head.height} x ${other.head.width}; if something else counts than the middle, cut it out before`,
        ]
      : []),
    ...(channels === 1 && colourful.length > 0
      ? [
          `${count(colourful.length, "image")} of ${files.length} ${are(colourful.length)} stored in colour, where all were grey in training: of ${oneLine(colourful[0] as string)} the brightness is taken`,
        ]
      : []),
  ];
}
