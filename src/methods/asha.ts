import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `asha`. */
export const ashaMethod = searchMethod({
  name: "asha",
  title: "ASHA",
  summary: "is successive halving that waits for no training",
  useWhen: "there are several workers",
  papers: [{ label: "Li et al. 2020", url: "https://arxiv.org/abs/1810.05934" }],
  options: searchOptions,
  parts: async () => {
    const { random } = await import("../search/random.ts");
    const { asha } = await import("../search/schedulers/asha.ts");
    return { sampler: random, scheduler: (budget) => asha({ budget }) };
  },
});
