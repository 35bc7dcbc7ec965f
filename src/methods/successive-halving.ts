import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `successive-halving`. */
export const successiveHalvingMethod = searchMethod({
  name: "successive-halving",
  title: "successive halving",
  summary: "trains many for a short time, the best third of them for three times as long, and so on",
  useWhen: "short trainings tell which hyperparameters are bad",
  papers: [{ label: "Jamieson and Talwalkar 2016", url: "https://arxiv.org/abs/1502.07943" }],
  options: searchOptions,
  parts: async () => {
    const { random } = await import("../search/random.ts");
    const { successiveHalving } = await import("../search/schedulers/successive-halving.ts");
    return { sampler: random, scheduler: (budget) => successiveHalving({ budget }) };
  },
});
