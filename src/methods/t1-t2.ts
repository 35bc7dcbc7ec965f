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
  create: async (options, training) => {
    const { t1T2 } = await import("../tuners/implicit.ts");
    const { trainSteps } = options;
    return t1T2({ ...hypergradientSettings(options, training), trainSteps });
  },
});
