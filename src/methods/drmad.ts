import { usualWarmup, windowOptions, hypergradientSettings, unclipped } from "./groups.ts";
import { trainingMethod } from "./method.ts";

/** `drmad`. */
export const drmadMethod = trainingMethod({
  name: "drmad",
  title: "DrMAD",
  family: "hypergradient",
  summary: "as `unrolled`, along the straight line between the window's ends",
  useWhen: "the states of a long horizon do not fit, and an approximation will do",
  avoidWhen: "the path is curved: 11 % off on a small example of 12 steps",
  papers: [{ label: "Fu et al. 2016", url: "https://arxiv.org/abs/1601.00917" }],
  can: ["optimizer"],
  warmup: usualWarmup,
  without: unclipped,
  options: windowOptions,
  settings: ({ horizon, ...options }, training) => ({
    ...hypergradientSettings(options, training),
    horizon,
  }),
  load: async () => (await import("../tuners/drmad.ts")).drmad,
});
