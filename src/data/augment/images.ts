/** Numbers of images. */
export type Pixels = Float32Array | Float64Array;

/** The images of a minibatch, changed in place. They are standardised: a pixel from 0, black, to 1, white, is `value * sd + mean`. */
export interface Images {
  readonly data: Pixels;
  readonly rows: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly mean: number;
  readonly sd: number;
}

/**
 * Numbers uniform on [0, 1) by the name of a draw; the n-th is the same however many are asked for. Two views of an image that are made for one
 * step have the same if `shared`.
 */
export type Draws = (name: string, count: number, shared?: true) => Float32Array;

/** The strengths of operations by hyperparameter, one for each image; absent where nothing is said of one. */
export type Strengths = Readonly<Record<string, Float64Array | undefined>>;

/** What a strength means. */
export interface Strength {
  /** One line, for people. */
  readonly about: string;
  /** Within which it means that. */
  readonly natural: { readonly low: number; readonly high: number };
  /** The range that it is tuned on unless a user says otherwise; of what is `inPixels` for images of 28 to 32 of them. */
  readonly range: { readonly low: number; readonly high: number };
  /** Whether it counts pixels, so that its range grows and shrinks with the images. */
  readonly inPixels?: true;
  /** Whether it does nothing to images of one channel. */
  readonly ofColours?: true;
  /** Whether it changes tones, for which it must be known what is black and white. */
  readonly ofTones?: true;
}

/** A random change of images, of as many strengths as one pass over the pixels serves. At strength 0 an image stays bit for bit. */
export interface ImageOperation {
  readonly strengths: Readonly<Record<string, Strength>>;
  apply(images: Images, strengths: Strengths, draws: Draws): void;
}

/** The standardised value of a black pixel. */
export const blackOf = ({ mean, sd }: Images): number => (0 - mean) / sd; // no -0

/** Numbers of one image. */
export const imageSize = ({ channels, height, width }: Images): number => channels * height * width;

/** A number uniform between `low` and `high` from one on [0, 1). */
export const between = (low: number, high: number, uniform: number): number => low + (high - low) * uniform;
