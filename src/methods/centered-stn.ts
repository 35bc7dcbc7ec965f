import { selfTuningOptions, usualWarmup, selfTuningSettings, anchoredTraining } from "./groups.ts";
import { trainingMethod } from "./method.ts";
import { perturbations, responseAveraging, responseObjective, responseOptimizer } from "./options.ts";

/** `centered-stn`. */
export const centeredStnMethod = trainingMethod({
  name: "centered-stn",
  title: "Centred STN",
  family: "self-tuning",
  summary: "as `delta-stn`, without the linearisation",
  useWhen:
    "perturbations are small, or the model is linear in its weights (then it equals Delta-STN and is a little cheaper)",
  avoidWhen: "you tune a learning rate, a momentum or the architecture",
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
    const { centeredStn } = await import("../tuners/centered-stn.ts");
    const { perturbations, responseObjective, responseAveraging } = options;
    return centeredStn({
      ...selfTuningSettings(options, training),
      ...anchoredTraining(options, training),
      ...{ perturbations, responseObjective, responseAveraging },
    });
  },
});
