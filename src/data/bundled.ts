import { flag, seed, type Rules } from "../util/rule.ts";
import { sizeRules, type PartSizes } from "./part-sizes.ts";

/** The sets that come with the package. */
export type BundledSet = "digits" | "diabetes" | "wine";

/** How a bundled set is split, at random: by default 60 % training, 20 % validation, 20 % test. */
export interface BundledOptions extends PartSizes {
  /** Default 0. */
  readonly seed?: number;
  /** Whether the validation rows train as well: see `joinedParts`. Default false. */
  readonly joined?: boolean;
}

/** What {@link BundledOptions} must be. */
export const bundledRules: Rules<BundledOptions> = { ...sizeRules, seed, joined: flag };
