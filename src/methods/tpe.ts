import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `tpe`. */
export const tpeMethod = searchMethod({
  name: "tpe",
  title: "TPE",
  summary: "samples where good trials are dense and bad ones rare",
  useWhen: "there are dozens to thousands of trials; choices; conditions",
  papers: [
    {
      label: "Bergstra et al. 2011",
      url: "https://proceedings.neurips.cc/paper/2011/hash/86e8f7ab32cfd12577bc2619bc635690-Abstract.html",
    },
  ],
  options: searchOptions,
  follows: "bounds",
  parts: async () => {
    const { tpe } = await import("../search/tpe.ts");
    const { fullBudget } = await import("../search/schedulers/full-budget.ts");
    return { sampler: () => tpe(), scheduler: fullBudget };
  },
});
