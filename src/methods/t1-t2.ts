import { hypergradientOptions, usualWarmup, hypergradientSettings, unclipped } from "./groups.ts";
import { trainingMethod } from "./method.ts";
import { trainSteps } from "./options.ts";

/** `t1-t2`. */
export const t1T2Method = trainingMethod({
  name: "t1-t2",
  title: "T1-T2",
  family: "hypergradient",
  summary: "takes the Hessian for the identity",
  useWhen: "you want the cheapest of them",
  avoidWhen: "you want the optimum: on ridge it ends elsewhere",
  papers: [{ label: "Luketina et al. 2016", url: "https://arxiv.org/abs/1511.06727" }],
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
  load: async () => (await import("../tuners/implicit.ts")).t1T2,
});
