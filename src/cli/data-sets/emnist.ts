import type { EmnistSet } from "../../data/mnist.ts";
import { dataSetByName, type DataSetByName } from "./data-set-by-name.ts";
import { partSizes } from "./part-sizes.ts";

/** A part of EMNIST, whose files hold rows as columns; images are turned upright. */
const emnistSet = <const N extends EmnistSet>(name: N, summary: string): DataSetByName<N> =>
  dataSetByName<N>({
    ...{ name, summary, kind: "images", bundled: false },
    options: ["valid", "dataDir"],
    papers: [{ label: "Cohen et al. 2017", url: "https://arxiv.org/abs/1702.05373" }],
    async read({ dataDir, valid }, { joined = false, kept }) {
      const { readImageSet } = await import("../../data/node/mnist.ts");
      return readImageSet(name, dataDir, { joined, ...partSizes({ valid }) }, kept);
    },
  });

/** The parts of EMNIST. */
export const emnistSets = [
  emnistSet("emnist-letters", "handwritten letters of 28 x 28 pixels, 26 classes"),
  emnistSet("emnist-digits", "handwritten digits of 28 x 28 pixels, 10 classes"),
  emnistSet("emnist-mnist", "the same, as many as in mnist"),
  emnistSet("emnist-balanced", "digits and letters, equally many of each of 47 classes"),
  emnistSet("emnist-bymerge", "digits and letters as they come, 47 classes"),
  emnistSet("emnist-byclass", "digits, capitals and small letters as they come, 62 classes"),
] as const;
