import { bundledSet } from "./bundled-set.ts";

/** `wine`. */
export const wineSet = bundledSet({
  name: "wine",
  summary: "chemical analysis of 178 wines, 13 columns, 3 classes",
  kind: "tables",
  papers: [{ label: "Aeberhard and Forina 1991", url: "https://doi.org/10.24432/C5PC7J" }],
});
