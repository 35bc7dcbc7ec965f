import { implicitOptions, usualWarmup, hypergradientSettings, unclipped } from "./groups.ts";
import { trainingMethod } from "./method.ts";

/** `implicit-neumann`. */
export const implicitNeumannMethod = trainingMethod({
  name: "implicit-neumann",
  title: "implicit, by a Neumann series",
  family: "hypergradient",
  summary: "approximates that by K terms of a series",
  useWhen: "there are many hyperparameters and the network is large",
  avoidWhen: "the step of the series is above 2 over the largest curvature: it diverges",
  papers: [{ label: "Lorraine, Vicol and Duvenaud 2020", url: "https://arxiv.org/abs/1911.02590" }],
  warmup: usualWarmup,
  without: unclipped,
  options: implicitOptions("hessian"),
  settings: ({ trainSteps, curvature, ...options }, training) => ({
    ...hypergradientSettings(options, training),
    ...{ trainSteps, curvature },
  }),
  load: async () => (await import("../tuners/implicit.ts")).implicitNeumann,
});
