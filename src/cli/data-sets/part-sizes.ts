import type { PartSize, PartSizes } from "../../data/part-sizes.ts";
import type { DataSettings } from "./data-set-by-name.ts";

/** The sizes of parts that a configuration gives. */
export const partSizes = ({ valid, test }: Pick<DataSettings, "valid" | "test">): PartSizes => ({
  ...(valid !== undefined && { valid: partSize(valid) }),
  ...(test !== undefined && { test: partSize(test) }),
});

/** Below 1 a fraction, else a number of rows. */
const partSize = (size: number): PartSize => (size < 1 ? size : { rows: size });
