import { trainingMethod } from "./method.ts";

/** `fixed`. */
export const fixedMethod = trainingMethod({
  name: "fixed",
  title: "fixed hyperparameters",
  family: "baseline",
  summary: "trains with the hyperparameters held",
  useWhen: "you want the baseline, or you know good values",
  papers: [],
  options: {},
  create: async (_, training) => {
    const { fixed } = await import("../tuners/fixed.ts");
    const { optimizer, learningRate, clipNorm, hypersAt } = training;
    return fixed({
      ...{ optimizer, learningRate, schedule: training.schedule() },
      ...(clipNorm !== undefined && { clipNorm }),
      ...(hypersAt && { hypersAt }),
    });
  },
});
