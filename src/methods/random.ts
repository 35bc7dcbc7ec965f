import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `random`. */
export const randomMethod = searchMethod({
  name: "random",
  title: "random search",
  summary: "draws uniformly on the ranges",
  useWhen: "you want the baseline of searches; many trainings at once",
  papers: [{ label: "Bergstra and Bengio 2012", url: "https://www.jmlr.org/papers/v13/bergstra12a.html" }],
  options: searchOptions,
  follows: "objectives",
  parts: async () => {
    const { random } = await import("../search/random.ts");
    const { fullBudget } = await import("../search/schedulers/full-budget.ts");
    return { sampler: random, scheduler: fullBudget };
  },
});
