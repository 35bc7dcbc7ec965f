import type { CifarSet } from "../../data/cifar.ts";
import { dataSetByName, type DataSetByName } from "./data-set-by-name.ts";
import { partSizes } from "./part-sizes.ts";

const cifarSet = <const N extends CifarSet>(name: N, summary: string): DataSetByName<N> =>
  dataSetByName<N>({
    ...{ name, summary, kind: "images", bundled: false },
    options: ["valid", "dataDir", "download"],
    augmented: "colour",
    papers: [
      { label: "Krizhevsky 2009", url: "https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf" },
    ],
    async read({ dataDir, download, valid }, { onDownload, signal, joined = false, kept }) {
      const { downloadCifar, readCifar } = await import("../../data/node/cifar.ts");
      const told = { ...(onDownload && { onProgress: onDownload }), ...(signal && { signal }) };
      if (download) await downloadCifar(name, dataDir, told);
      return readCifar(name, dataDir, { joined, ...partSizes({ valid }) }, kept);
    },
  });

/** CIFAR-10 and CIFAR-100. */
export const cifarSets = [
  cifarSet("cifar10", "60,000 photographs of 32 x 32 pixels in colour, 10 classes"),
  cifarSet("cifar100", "60,000 photographs of 32 x 32 pixels in colour, 100 classes"),
] as const;
