import { implicitOptions, usualWarmup, hypergradientSettings, unclipped } from "./groups.ts";
import { trainingMethod } from "./method.ts";

/** `implicit-cg`. */
export const implicitCgMethod = trainingMethod({
  name: "implicit-cg",
  title: "implicit, by conjugate gradient",
  family: "hypergradient",
  summary:
    "solves with the Gauss-Newton matrix (or the Hessian) at the current weights by conjugate gradient, ever more exactly",
  useWhen: "the training loss is convex in the outputs and training stays near its minimum",
  avoidWhen:
    "minibatches are small or training is far from a minimum: the solution is exact for a matrix that is not",
  papers: [{ label: "Pedregosa 2016", url: "https://arxiv.org/abs/1602.02355" }],
  warmup: usualWarmup,
  without: unclipped,
  options: implicitOptions("gauss-newton"),
  settings: ({ trainSteps, curvature, ...options }, training) => ({
    ...hypergradientSettings(options, training),
    ...{ trainSteps, curvature },
  }),
  load: async () => (await import("../tuners/implicit.ts")).implicitCg,
});
