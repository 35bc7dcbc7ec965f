import { hyperTrainingOptions, usualWarmup, hyperTrainingSettings } from "./groups.ts";
import { trainingMethod } from "./method.ts";
import { trainSteps, validSteps } from "./options.ts";

/** `hyper-training-simplified`. */
export const hyperTrainingSimplifiedMethod = trainingMethod({
  name: "hyper-training-simplified",
  title: "Simplified hyper-training",
  family: "hyper-training",
  summary: "as `hyper-training`, at the current hyperparameters alone",
  useWhen: "you reproduce the paper's figure 4",
  avoidWhen:
    "you want to tune: where the hyperparameters stand still nothing identifies the response, and the end depends on the initial draw",
  papers: [{ label: "Lorraine and Duvenaud 2018", url: "https://arxiv.org/abs/1802.09419" }],
  optimizer: "adam",
  can: ["respond"],
  warmup: usualWarmup,
  options: {
    ...hyperTrainingOptions,
    trainSteps: trainSteps(2),
    validSteps: validSteps(1),
  },
  settings: ({ trainSteps, validSteps, warmupEpochs = 0, ...options }, training) => ({
    ...hyperTrainingSettings(options, training),
    ...{ trainSteps, validSteps, warmupEpochs },
  }),
  load: async () => (await import("../tuners/hyper-training.ts")).simplifiedHyperTraining,
});
