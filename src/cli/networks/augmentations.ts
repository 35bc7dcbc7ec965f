/* The strengths of augmentation that are tuned beside dropout: those of the Delta-STN experiments that had some, as far as images and method allow. */
import { isOf } from "../../methods/lookup.ts";
import { dataSetOfName } from "../data-sets/data-set-names.ts";
import type { DefaultHypers, HyperFacts } from "./network-by-name.ts";

/** Cut-out holes, where they are for these images and this method. */
export const holesFor = (facts: HyperFacts): DefaultHypers =>
  areFor(facts) ? { "cutout.length": 4, "cutout.holes": 1 } : {};

/** The same, with the colours and the shape of images. */
export function strengthsFor(facts: HyperFacts): DefaultHypers {
  if (!areFor(facts)) return {};
  const colours = dataSetOfName(facts.data)?.augmented === "colour";
  return {
    ...holesFor(facts),
    ...(colours && { hue: 0.05 }),
    ...{ brightness: 0.05, contrast: 0.05 },
    ...(colours && { saturation: 0.05 }),
    ...{ rotate: 5, shear: 5, scale: 0.05, translate: 0.05 },
  };
}

const areFor = ({ method, data }: HyperFacts): boolean =>
  isOf(method, "search", "baseline", "self-tuning") && dataSetOfName(data)?.augmented !== undefined;
