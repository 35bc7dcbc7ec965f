import { formatHyper } from "../format.ts";
import type { Gain } from "../gain.ts";
import type { HyperWay } from "../../space/distance.ts";
import { optionText } from "../../util/option-text.ts";
import { HYPER, type Remark } from "./remark.ts";

/** Of hyperparameters that moved, and gained nothing by it. */
export const movedInVain = (way: HyperWay, gain: Gain): Remark => ({
  sentence: `The hyperparameters did move, ${wayText(way)} the most, but ${gain === "loss" ? WRONG_WAY : `the validation loss hardly depends on them here: keep the start held fixed, or tune others (${HYPER}).`}`,
});

/** What is said where the start held fixed is better, and what to do. */
export const WRONG_WAY = `the hyperparameters went where it is higher. Let them take smaller steps (${optionText("hyperLr")}), or compare with another method (${optionText("method")}).`;

/** The way of a hyperparameter in figures. */
export const wayText = ({ name, from, to }: HyperWay): string =>
  `${name} from ${formatHyper(from, 4)} to ${formatHyper(to, 4)}`;
