import { strengthsFor } from "./augmentations.ts";
import { dropoutAlone } from "./default-hypers.ts";
import { networkByName } from "./network-by-name.ts";

/** `alexnet`. */
export const alexnetNetwork = networkByName({
  name: "alexnet",
  summary:
    "five convolutions of 3 x 3 (64 to 384 channels), three poolings, two hidden layers of 4096 units; dropout between",
  takes: ["images"],
  options: ["width"],
  papers: [
    {
      label: "Krizhevsky et al. 2012",
      url: "https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html",
    },
  ],
  hypers: (facts) => ({ ...dropoutAlone, ...strengthsFor(facts) }),
  tuned: "`dropout.*`, [strengths](augmentation.md) on some data",
});
