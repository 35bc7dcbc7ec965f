import { dataSetByName, type DataSetByName } from "./data-set-by-name.ts";
import { partSizes } from "./part-sizes.ts";

/** What both sets of four files that can be fetched have in common. */
const fetchedSet = <const N extends "mnist" | "fashion-mnist">(
  described: Pick<DataSetByName<N>, "name" | "summary" | "papers">,
): DataSetByName<N> =>
  dataSetByName<N>({
    ...described,
    kind: "images",
    bundled: false,
    options: ["valid", "dataDir", "download"],
    augmented: "grey",
    async read({ dataDir, download, valid }, { onDownload, signal, joined = false, kept }) {
      if (download) {
        const { downloadImageSet } = await import("../../data/node/download-image-set.ts");
        const told = { ...(onDownload && { onProgress: onDownload }), ...(signal && { signal }) };
        await downloadImageSet(described.name, dataDir, told);
      }
      const { readImageSet } = await import("../../data/node/mnist.ts");
      return readImageSet(described.name, dataDir, { joined, ...partSizes({ valid }) }, kept);
    },
  });

/** `mnist`. */
export const mnistSet = fetchedSet({
  name: "mnist",
  summary: "70,000 handwritten digits of 28 x 28 pixels, 10 classes",
  papers: [{ label: "LeCun et al. 1998", url: "https://doi.org/10.1109/5.726791" }],
});

/** `fashion-mnist`. */
export const fashionMnistSet = fetchedSet({
  name: "fashion-mnist",
  summary: "70,000 articles of clothing in 28 x 28 pixels, 10 classes",
  papers: [{ label: "Xiao et al. 2017", url: "https://arxiv.org/abs/1708.07747" }],
});
