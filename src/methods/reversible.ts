import { usualWarmup, windowOptions, hypergradientSettings, unclipped } from "./groups.ts";
import { trainingMethod } from "./method.ts";

/** `reversible`. */
export const reversibleMethod = trainingMethod({
  name: "reversible",
  title: "reversible",
  family: "hypergradient",
  summary: "as `unrolled`, but runs SGD with momentum backwards exactly instead of storing it",
  useWhen: "the states of a long horizon do not fit",
  avoidWhen: "time matters: its exact arithmetic is the host's",
  papers: [{ label: "Maclaurin et al. 2015", url: "https://arxiv.org/abs/1502.03492" }],
  can: ["optimizer"],
  warmup: usualWarmup,
  without: unclipped,
  only: { optimizer: { values: ["sgd"], why: "whose steps can be taken back" } },
  options: windowOptions,
  settings({ horizon, ...options }, training) {
    const { optimizer: _own, ...settings } = hypergradientSettings(options, training);
    return { ...settings, horizon, momentum: training.momentum ?? 0.9 };
  },
  load: async () => (await import("../tuners/reversible.ts")).reversible,
});
