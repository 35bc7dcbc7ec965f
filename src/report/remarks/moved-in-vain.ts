import { formatHyper } from "../format.ts";
import type { Gain } from "../gain.ts";
import type { HyperWay } from "../../space/distance.ts";
import { optionText } from "../../util/option-text.ts";
import { HYPER, type Remark } from "./remark.ts";

/**
 * Of hyperparameters that moved, and gained nothing by it.
 *
 * @param way until the best point, or until the end where the best point came before
 * @param gain over the start held fixed, where that is known
 */
export function movedInVain(way: HyperWay, gain: Gain | undefined, until: "best" | "end"): Remark {
  const moved =
    until === "best" ? "The hyperparameters did move" : "By the end the hyperparameters had moved";
  const why =
    gain === "loss"
      ? WRONG_WAY
      : `the validation loss hardly depends on them here: ${gain === undefined ? "" : "keep the start held fixed, or "}tune others (${HYPER}).`;
  return { sentence: `${moved}, ${wayText(way)} the most, but ${why}` };
}

/** What is said where the start held fixed is better, and what to do. */
export const WRONG_WAY = `the hyperparameters went where it is higher. Let them take smaller steps (${optionText("hyperLr")}), or compare with another method (${optionText("method")}).`;

/** The way of a hyperparameter in figures. */
export const wayText = ({ name, from, to }: HyperWay): string =>
  `${name} from ${formatHyper(from, 4)} to ${formatHyper(to, 4)}`;
