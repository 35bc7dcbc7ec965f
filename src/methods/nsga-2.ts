import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `nsga-2`. */
export const nsga2Method = searchMethod({
  name: "nsga-2",
  title: "NSGA-II",
  summary: "breeds trials along the front of several objectives",
  useWhen: "not the loss alone counts, but the network's size too, or what a program measures",
  papers: [{ label: "Deb et al. 2002", url: "https://doi.org/10.1109/4235.996017" }],
  options: searchOptions,
  follows: "objectives",
  parts: async () => {
    const { nsga2 } = await import("../search/nsga2.ts");
    const { fullBudget } = await import("../search/schedulers/full-budget.ts");
    return { sampler: () => nsga2(), scheduler: fullBudget };
  },
});
