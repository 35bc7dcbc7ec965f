import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `median-stop`. */
export const medianStopMethod = searchMethod({
  name: "median-stop",
  title: "median stopping",
  summary: "leaves a training when it is worse than the median of the others",
  useWhen: "curves cross early",
  papers: [{ label: "Golovin et al. 2017", url: "https://doi.org/10.1145/3097983.3098043" }],
  options: searchOptions,
  parts: async () => {
    const { random } = await import("../search/random.ts");
    const { medianStop } = await import("../search/schedulers/median-stop.ts");
    return { sampler: random, scheduler: (budget) => medianStop({ budget }) };
  },
});
