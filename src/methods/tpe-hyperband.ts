import { searchOptions } from "./groups.ts";
import { searchMethod } from "./method.ts";

/** `tpe-hyperband`. */
export const tpeHyperbandMethod = searchMethod({
  name: "tpe-hyperband",
  title: "TPE with Hyperband",
  summary: "is Hyperband with the suggestions of `tpe`",
  useWhen: "short trainings tell which hyperparameters are bad",
  papers: [{ label: "Falkner et al. 2018", url: "https://arxiv.org/abs/1807.01774" }],
  options: searchOptions,
  parts: async () => {
    const { tpe } = await import("../search/tpe.ts");
    const { hyperband } = await import("../search/schedulers/hyperband.ts");
    return { sampler: () => tpe(), scheduler: (budget) => hyperband({ budget }) };
  },
});
