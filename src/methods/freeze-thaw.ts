import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `freeze-thaw`. */
export const freezeThawMethod = searchMethod({
  name: "freeze-thaw",
  title: "freeze-thaw",
  summary:
    "pauses and resumes trainings by the expected improvement, an epoch, under a Gaussian process of all curves",
  useWhen: "curves tell early where they end; up to some hundred trials",
  papers: [{ label: "Swersky et al. 2014", url: "https://arxiv.org/abs/1406.3896" }],
  options: searchOptions,
  parts: async () => {
    const { random } = await import("../search/random.ts");
    const { freezeThaw } = await import("../search/freeze-thaw/freeze-thaw.ts");
    return { sampler: random, scheduler: (budget) => freezeThaw({ budget }) }; // which chooses values itself
  },
});
