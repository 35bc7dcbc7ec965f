import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `population-based`. */
export const populationBasedMethod = searchMethod({
  name: "population-based",
  title: "population-based training",
  summary:
    "trains eight side by side, of which the worst become copies of the best and go on at values near theirs",
  useWhen: "good values change as training goes on",
  avoidWhen: "you want values to train with again: what you keep is the network",
  papers: [{ label: "Jaderberg et al. 2017", url: "https://arxiv.org/abs/1711.09846" }],
  options: searchOptions,
  parts: async () => {
    const { random } = await import("../search/random.ts");
    const { populationBased } = await import("../search/schedulers/population-based.ts");
    return { sampler: random, scheduler: (budget) => populationBased({ budget }) };
  },
});
