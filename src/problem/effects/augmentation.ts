import { imageStrengths } from "../../data/augment/image-view.ts";
import type { Strength } from "../../data/augment/images.ts";
import type { Effect } from "./effect.ts";

/** The strengths of what is done to training images; each acts on all of them and has no places. */
export const augmentationEffects: readonly Effect[] = Object.entries(imageStrengths).map(augmentationEffect);

function augmentationEffect([name, { about, natural, range, inPixels }]: [string, Strength]): Effect {
  return {
    ...{ name, about, natural },
    range: { ...range, log: false, ...(inPixels && { inPixels }) },
    places: () => [],
    nowhere: () => `places of the network, but acts on its images; leave ".*" out`,
  };
}
