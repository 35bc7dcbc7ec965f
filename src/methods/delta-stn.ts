import { selfTuningOptions, usualWarmup, selfTuningSettings, anchoredTraining } from "./groups.ts";
import { trainingMethod } from "./method.ts";
import { perturbations, responseAveraging, responseObjective, responseOptimizer } from "./options.ts";

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
  warmup: usualWarmup,
  options: {
    ...selfTuningOptions,
    responseOptimizer: responseOptimizer("adam"),
    perturbations: perturbations("paired"),
    responseObjective: responseObjective("sampled"),
    responseAveraging: responseAveraging(0),
  },
  create: async (options, training) => {
    const { deltaStn } = await import("../tuners/delta-stn.ts");
    const { perturbations, responseObjective, responseAveraging } = options;
    return deltaStn({
      ...selfTuningSettings(options, training),
      ...anchoredTraining(options, training),
      ...{ perturbations, responseObjective, responseAveraging },
    });
  },
});
