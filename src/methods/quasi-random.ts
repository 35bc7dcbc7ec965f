import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `quasi-random`. */
export const quasiRandomMethod = searchMethod({
  name: "quasi-random",
  title: "quasi-random search",
  summary: "covers the ranges evenly, by a scrambled Sobol sequence",
  useWhen: "you want random search with fewer holes; many trainings at once",
  papers: [{ label: "Sobol' 1967", url: "https://doi.org/10.1016/0041-5553(67)90144-9" }],
  options: searchOptions,
  follows: "objectives",
  parts: async () => {
    const { quasiRandom } = await import("../search/quasi-random.ts");
    const { fullBudget } = await import("../search/schedulers/full-budget.ts");
    return { sampler: quasiRandom, scheduler: fullBudget };
  },
});
