import { sizeOf } from "../../util/host-array.ts";
import { kind } from "../kind.ts";

/** The step `flatten`. */
export const flattenKind = kind({
  about: "the same numbers as a vector",
  options: {},
  step: (shape) => ({
    shape: [sizeOf(shape)],
    apply: (x) => x.reshape([x.shape[0] as number, sizeOf(shape)]),
  }),
});
