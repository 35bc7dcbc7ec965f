import { anchoredOptions, anchoredSettings, selfTuningCan, usualWarmup } from "./groups.ts";
import { trainingMethod } from "./method.ts";

/** `delta-stn`. */
export const deltaStnMethod = trainingMethod({
  name: "delta-stn",
  title: "Delta-STN",
  family: "self-tuning",
  summary:
    "learns weights and their response to the hyperparameters apart, linearises the network in the response",
  useWhen:
    "you tune what changes the training loss: dropout rates, weight penalties, loss weights. Start here",
  avoidWhen:
    "you tune a learning rate, a momentum or the architecture: the training loss does not depend on them",
  papers: [{ label: "Bae and Grosse 2020", url: "https://arxiv.org/abs/2010.13514" }],
  can: selfTuningCan,
  warmup: usualWarmup,
  options: anchoredOptions,
  settings: anchoredSettings,
  load: async () => (await import("../tuners/delta-stn.ts")).deltaStn,
});
