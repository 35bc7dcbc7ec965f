import { holesFor } from "./augmentations.ts";
import { dropoutAlone } from "./default-hypers.ts";
import { networkByName } from "./network-by-name.ts";

/** `simple-cnn`. */
export const simpleCnnNetwork = networkByName({
  name: "simple-cnn",
  summary:
    "convolutions of 5 x 5 to 16 and 32 channels, each pooled by 2; a hidden layer as wide as its input; dropout between",
  takes: ["images"],
  options: ["width"],
  papers: [],
  hypers: (facts) => ({ ...dropoutAlone, ...holesFor(facts) }),
  tuned: "`dropout.*`, [strengths](augmentation.md) on some data",
});
