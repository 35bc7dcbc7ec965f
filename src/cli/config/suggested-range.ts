/*
 * The range that a hyperparameter's name suggests, where a configuration leaves it out.
 */
import { effectOf } from "../../problem/effects.ts";
import type { SuggestedRange } from "../../problem/effects/effect.ts";
import { inputError } from "../../util/error.ts";
import { defined } from "../../util/record.ts";
import type { HyperConfig } from "./config.ts";
import { count } from "../../util/words.ts";

/**
 * A hyperparameter's options with the range that its name suggests, where the configuration leaves it out.
 *
 * @param side of the images in pixels, the shorter one
 */
export function withRange(name: string, config: number | HyperConfig, side?: number): HyperConfig {
  const given = typeof config === "number" ? { start: config } : config;
  const suggested = effectOf(name)?.range ?? settingRanges[name];
  if (!suggested) return given;
  const known = suggested.inPixels ? onImagesOf(side, suggested) : suggested;
  const { low = known.low, high = known.high } = given;
  demandInside(name, given, known, side);
  const ratios = low === undefined ? high === undefined : low > 0;
  const log = given.log ?? ratios;
  return {
    ...given,
    ...defined({ low: low ?? (known.log && !log ? 0 : undefined), high }), // a penalty or a rate is never negative
    ...(known.log && { log }),
    ...(known.discrete && { discrete: true }),
  };
}

/** Whether the range that a name suggests depends on the size of the images. */
export const followsSize = (name: string): boolean => effectOf(name)?.range.inPixels ?? false;

/** The ranges of the optimizer's settings, where a configuration leaves them out. */
const settingRanges: Readonly<Record<string, SuggestedRange>> = {
  lr: { low: 1e-5, high: 1, log: true },
  momentum: { low: 0, high: 0.99, log: false },
};

/** Images of which ranges in pixels are told, by their shorter side: MNIST's to CIFAR's. */
const USUAL_SIDES = [28, 32] as const;

/** Where ranges in pixels end at the least: what is floored is 0 below 1, and a start lies below the end. */
const LEAST_PIXELS = 2;

/** A range in pixels on images of a size, in whole ones: in proportion to the side, but that a range does not begin later on larger images. */
function onImagesOf(
  side: number = USUAL_SIDES[0],
  { low = 0, high = 0, ...others }: SuggestedRange,
): SuggestedRange {
  const share = Math.max(side / USUAL_SIDES[1], Math.min(1, side / USUAL_SIDES[0]));
  return {
    ...others,
    ...{ low: Math.round(low * Math.min(1, share)), high: Math.max(LEAST_PIXELS, Math.round(high * share)) },
  };
}

/**
 * Demands a start inside the range that a name suggests, at the ends that nobody gave.
 *
 * @param known the suggested range, on images whose shorter side has so many pixels where it counts them
 * @throws {HypertrainError}
 */
function demandInside(
  name: string,
  { start, ...given }: HyperConfig,
  known: SuggestedRange,
  pixels: number | undefined,
): void {
  const { low = known.low, high = known.high, discrete = known.discrete ?? false } = given;
  const isIn = (below: number, above: number) => below < above || (discrete && below === above);
  const isBelow = given.low === undefined && low !== undefined && !isIn(low, start);
  const isAbove = given.high === undefined && high !== undefined && !isIn(start, high);
  if (isBelow === isAbove || Number.isNaN(start)) return;
  const [side, end, mend] = isBelow ? ["above", "begins", "higher"] : ["below", "ends", "lower"];
  const bound = isBelow ? low : high;
  const must = discrete ? `at ${bound} or ${side}` : `${side} ${bound}`;
  const images =
    pixels === undefined ? "images of usual size" : `images whose shorter side is ${count(pixels, "pixel")}`;
  const wider = isBelow ? lowerEnd(name, start, known) : upperEnd(name, start, known);
  const range = isBelow ? `${wider}..${high ?? ""}` : `${low ?? ""}..${wider}`;
  throw inputError(
    `${name} must start ${must}, where its range ${end} ${known.inPixels ? `on ${images} ` : ""}unless one is given, but got ${start}; start ${mend}${wider === undefined ? "" : `, or give the range, such as ${name}=${start}:${range}`}`,
  );
}

/** An end below a start that lies below a suggested range; undefined where the name allows none. */
function lowerEnd(name: string, start: number, { log }: SuggestedRange): number | undefined {
  if (log) return start > 0 ? Number((start / 10).toPrecision(3)) : undefined;
  const { low = start } = effectOf(name)?.natural ?? {};
  return low < start ? low : undefined;
}

/** An end above a start that lies above a suggested range; undefined where the name allows none. */
function upperEnd(name: string, start: number, { log, inPixels }: SuggestedRange): number | undefined {
  const { high = log ? Infinity : start } = effectOf(name)?.natural ?? {};
  const above = inPixels ? Math.ceil(1.5 * start) : Number((1.5 * start).toPrecision(3));
  return start < high ? Math.min(high, above) : undefined;
}
