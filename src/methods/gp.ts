import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `gp`. */
export const gpMethod = searchMethod({
  name: "gp",
  title: "Gaussian process",
  summary: "follows the expected improvement under a Gaussian process",
  useWhen: "there are up to a few hundred trials of up to twenty hyperparameters",
  papers: [{ label: "Snoek et al. 2012", url: "https://arxiv.org/abs/1206.2944" }],
  options: searchOptions,
  follows: "bounds",
  parts: async () => {
    const { gpSampler } = await import("../search/gp-sampler.ts");
    const { fullBudget } = await import("../search/schedulers/full-budget.ts");
    return { sampler: () => gpSampler(), scheduler: fullBudget };
  },
});
