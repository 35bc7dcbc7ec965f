import { hyperTrainingOptions, hyperTrainingSettings } from "./groups.ts";
import { trainingMethod } from "./method.ts";
import { hypernet, samples, warmupEpochs } from "./options.ts";

/** `hyper-training-global`. */
export const hyperTrainingGlobalMethod = trainingMethod({
  name: "hyper-training-global",
  title: "Global hyper-training",
  family: "hyper-training",
  summary:
    "as `hyper-training`, on hyperparameters from a whole range, then tunes with the hypernetwork held",
  useWhen: "you want to see the loss over a range of one to ten hyperparameters (`hypertrain response`)",
  avoidWhen: "there are many: no hypernetwork of a bearable size is right everywhere",
  papers: [{ label: "Lorraine and Duvenaud 2018", url: "https://arxiv.org/abs/1802.09419" }],
  optimizer: "adam",
  can: ["respond"],
  warmup: { share: 4 / 5, steps: 1000 },
  perturbationScale: 1.5,
  options: {
    ...hyperTrainingOptions,
    warmupEpochs: warmupEpochs(
      undefined,
      "four fifths of all, after which the hypernetwork stays as it is, or 1000 steps where time alone limits the run; at most four fifths of the time",
    ),
    hypernet: hypernet(undefined, "mlp"),
    samples: samples(10),
  },
  settings: ({ samples, warmupEpochs: hypernetEpochs = 0, ...options }, training) => ({
    ...hyperTrainingSettings(options, training),
    ...{ samples, hypernetEpochs },
  }),
  load: async () => (await import("../tuners/hyper-training.ts")).globalHyperTraining,
});
