import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `hyperband`. */
export const hyperbandMethod = searchMethod({
  name: "hyperband",
  title: "Hyperband",
  summary: "runs successive halving from several shortest times",
  useWhen: "short trainings tell which hyperparameters are bad, but not how short",
  papers: [{ label: "Li et al. 2018", url: "https://arxiv.org/abs/1603.06560" }],
  options: searchOptions,
  parts: async () => {
    const { random } = await import("../search/random.ts");
    const { hyperband } = await import("../search/schedulers/hyperband.ts");
    return { sampler: random, scheduler: (budget) => hyperband({ budget }) };
  },
});
