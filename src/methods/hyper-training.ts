import { hyperTrainingOptions, usualWarmup, hyperTrainingSettings } from "./groups.ts";
import { trainingMethod } from "./method.ts";
import { oneOf } from "../util/rule.ts";
import { perturbations, samples, trainSteps, validSteps } from "./options.ts";

/** `hyper-training`. */
export const hyperTrainingMethod = trainingMethod({
  name: "hyper-training",
  title: "Hyper-training",
  family: "hyper-training",
  summary:
    "trains a hypernetwork in the place of the weights, on hyperparameters sampled around the current ones",
  useWhen: "the loss is an opaque function of its parameters, or there are thousands of hyperparameters",
  avoidWhen:
    "there are few, on a layered network: `delta-stn` answers for each example, not for two samples a minibatch",
  papers: [{ label: "Lorraine and Duvenaud 2018", url: "https://arxiv.org/abs/1802.09419" }],
  optimizer: "adam",
  can: ["respond"],
  warmup: usualWarmup,
  perturbationScale: 0.1,
  options: {
    ...hyperTrainingOptions,
    trainSteps: trainSteps(2),
    validSteps: validSteps(1),
    samples: samples(2),
    perturbations: { ...perturbations("independent"), type: oneOf("independent", "paired") }, // samples share each minibatch
  },
  settings: ({ trainSteps, validSteps, samples, perturbations, warmupEpochs = 0, ...options }, training) => ({
    ...hyperTrainingSettings(options, training),
    ...{ trainSteps, validSteps, samples, perturbations, warmupEpochs },
  }),
  load: async () => (await import("../tuners/hyper-training.ts")).hyperTraining,
});
