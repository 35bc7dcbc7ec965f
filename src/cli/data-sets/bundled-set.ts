import type { BundledSet } from "../../data/bundled.ts";
import { dataSetByName, type DataSetByName } from "./data-set-by-name.ts";
import { partSizes } from "./part-sizes.ts";

/** A set that comes with the package. */
export const bundledSet = <const N extends BundledSet>(
  described: Pick<DataSetByName<N>, "name" | "summary" | "kind" | "papers">,
): DataSetByName<N> =>
  dataSetByName<N>({
    ...described,
    bundled: true,
    options: ["valid", "test"],
    async read({ seed, ...settings }, { joined = false }) {
      const { readBundled } = await import("../../data/node/bundled.ts");
      return readBundled(described.name, { seed, joined, ...partSizes(settings) });
    },
  });
