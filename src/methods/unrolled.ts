import { usualWarmup, windowOptions, hypergradientSettings, unclipped } from "./groups.ts";
import { trainingMethod } from "./method.ts";

/** `unrolled`. */
export const unrolledMethod = trainingMethod({
  name: "unrolled",
  title: "unrolled",
  family: "hypergradient",
  summary: "goes back through the last K steps",
  useWhen: "you want the exact hypergradient of a short horizon, also by learning rates and momenta",
  avoidWhen: "K steps tell little of the end (short-horizon bias)",
  papers: [
    { label: "Domke 2012", url: "https://proceedings.mlr.press/v22/domke12.html" },
    { label: "Franceschi et al. 2017", url: "https://arxiv.org/abs/1703.01785" },
  ],
  can: ["optimizer"],
  warmup: usualWarmup,
  without: unclipped,
  options: windowOptions,
  settings: ({ horizon, ...options }, training) => ({
    ...hypergradientSettings(options, training),
    horizon,
  }),
  load: async () => (await import("../tuners/unrolled.ts")).unrolled,
});
