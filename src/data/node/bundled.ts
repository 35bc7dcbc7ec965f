import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { BundledOptions, BundledSet } from "../bundled.ts";
import { diabetes } from "../diabetes.ts";
import { digits } from "../digits.ts";
import type { SupervisedData } from "../supervised-data.ts";
import { wine } from "../wine.ts";
import { readBytes } from "./read.ts";

/** A set that comes with the package, split and standardised. */
export const readBundled = (set: BundledSet, options: BundledOptions = {}): Promise<SupervisedData> =>
  readers[set](options);

const readers: Readonly<Record<BundledSet, (options: BundledOptions) => Promise<SupervisedData>>> = {
  digits: async (options) => digits(await contentOf("digits.csv.gz"), options),
  wine: async (options) => wine(await contentOf("wine_data.csv"), options),
  async diabetes(options) {
    const features = await contentOf("diabetes_data_raw.csv.gz");
    const target = await contentOf("diabetes_target.csv.gz");
    return diabetes({ features, target }, options);
  },
};

const contentOf = async (file: string): Promise<Uint8Array> =>
  (await readBytes(join(packageRoot(dirname(fileURLToPath(import.meta.url))), "data", file))).bytes;

/** The nearest folder above with a package.json: this module runs from `src/` and from `dist/`. */
function packageRoot(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error("internal: hypertrain runs outside a package");
  return packageRoot(above);
}
