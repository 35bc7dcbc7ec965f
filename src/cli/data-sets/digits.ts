import { bundledSet } from "./bundled-set.ts";

/** `digits`. */
export const digitsSet = bundledSet({
  name: "digits",
  summary: "1,797 handwritten digits of 8 x 8 pixels, 10 classes",
  kind: "images",
  papers: [{ label: "Alpaydin and Kaynak 1998", url: "https://doi.org/10.24432/C50P49" }],
});
