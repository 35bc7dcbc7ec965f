import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `grid`. */
export const gridMethod = searchMethod({
  name: "grid",
  title: "grid search",
  summary: "tries all combinations of three values each",
  useWhen: "there are one or two hyperparameters",
  papers: [],
  options: searchOptions,
  follows: "objectives",
  parts: async () => {
    const { grid } = await import("../search/grid.ts");
    const { fullBudget } = await import("../search/schedulers/full-budget.ts");
    return { sampler: () => grid({ points: 3 }), scheduler: fullBudget };
  },
});
