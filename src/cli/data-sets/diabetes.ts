import { bundledSet } from "./bundled-set.ts";

/** `diabetes`. */
export const diabetesSet = bundledSet({
  name: "diabetes",
  summary: "progression of diabetes after a year: 442 rows, 10 columns, a regression",
  kind: "tables",
  papers: [{ label: "Efron et al. 2004", url: "https://doi.org/10.1214/009053604000000067" }],
});
