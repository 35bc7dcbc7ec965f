/** The sets that come with the package. */
export type BundledSet = "digits" | "diabetes" | "wine";

/** How a bundled set is split: 60 % training, 20 % validation, 20 % test, drawn at random. */
export interface BundledOptions {
  /** Default 0. */
  readonly seed?: number;
}
