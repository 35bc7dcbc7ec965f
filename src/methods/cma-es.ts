import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `cma-es`. */
export const cmaEsMethod = searchMethod({
  name: "cma-es",
  title: "CMA-ES",
  summary: "adapts the covariance of a normal distribution to good trials",
  useWhen: "there are hundreds of trials of continuous hyperparameters",
  papers: [{ label: "Hansen 2016", url: "https://arxiv.org/abs/1604.00772" }],
  options: searchOptions,
  follows: "bounds",
  parts: async () => {
    const { cmaEs } = await import("../search/cma-es.ts");
    const { fullBudget } = await import("../search/schedulers/full-budget.ts");
    return { sampler: () => cmaEs(), scheduler: fullBudget };
  },
});
