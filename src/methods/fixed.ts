import { likePlainTraining } from "./groups.ts";
import { trainingMethod } from "./method.ts";

/** `fixed`. */
export const fixedMethod = trainingMethod({
  name: "fixed",
  title: "fixed hyperparameters",
  family: "baseline",
  summary: "trains with the hyperparameters held",
  useWhen: "you want the baseline, or you know good values",
  papers: [],
  can: [...likePlainTraining, "hold"],
  options: {},
  settings: (_, { optimizer, learningRate, clipNorm, hypersAt, schedule }) => ({
    ...{ optimizer, learningRate, schedule: schedule() },
    ...(clipNorm !== undefined && { clipNorm }),
    ...(hypersAt && { hypersAt }),
  }),
  load: async () => (await import("../tuners/fixed.ts")).fixed,
});
