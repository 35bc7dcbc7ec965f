import { hypergradientOptions, usualWarmup, hypergradientSettings, unclipped } from "./groups.ts";
import { trainingMethod } from "./method.ts";
import { trainSteps } from "./options.ts";

/** `forward-unrolled`. */
export const forwardUnrolledMethod = trainingMethod({
  name: "forward-unrolled",
  title: "forward unrolled",
  family: "hypergradient",
  summary: "carries the derivative of the weights along",
  useWhen: "there are few hyperparameters and you want no horizon",
  avoidWhen: "there are many: each costs two gradients a step",
  papers: [{ label: "Franceschi et al. 2017", url: "https://arxiv.org/abs/1703.01785" }],
  can: ["optimizer"],
  warmup: usualWarmup,
  without: unclipped,
  options: {
    ...hypergradientOptions,
    trainSteps: trainSteps(2),
  },
  settings: ({ trainSteps, ...options }, training) => ({
    ...hypergradientSettings(options, training),
    trainSteps,
  }),
  load: async () => (await import("../tuners/forward-unrolled.ts")).forwardUnrolled,
});
