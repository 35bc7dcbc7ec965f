import { selfTuningOptions, usualWarmup, selfTuningSettings, selfTuningCan } from "./groups.ts";
import { trainingMethod } from "./method.ts";
import { oneOf } from "../util/rule.ts";
import { shared } from "./option.ts";
import { perturbations, responseLr, responseOptimizer } from "./options.ts";

/** `stn`. */
export const stnMethod = trainingMethod({
  name: "stn",
  title: "STN",
  family: "self-tuning",
  summary: "learns weights and response jointly",
  useWhen: "you compare with the literature, or time is very short: its steps cost half",
  avoidWhen:
    "you want the weights of plain training: the joint fit biases them (`docs/bias-of-joint-training.md`)",
  papers: [{ label: "MacKay et al. 2019", url: "https://arxiv.org/abs/1903.03088" }],
  can: selfTuningCan,
  warmup: usualWarmup,
  options: {
    ...selfTuningOptions,
    responseLr: responseLr(undefined, "that of the weights"),
    responseOptimizer: responseOptimizer(undefined, "as the weights, since training is joint"),
    perturbations: perturbations("independent"), // pairs would halve the rows of w0 as well
    stnInput: shared(oneOf("absolute", "centred"), {
      argument: "NAME",
      about:
        "what the response is a function of: absolute, the hyperparameters as in the paper, or centred, their distance from where they " +
        "are, the same function in coordinates in which it stays finite at larger steps",
    })("centred"),
  },
  settings({ perturbations, stnInput: input, responseOptimizer: name, ...options }, training) {
    const { optimizerName, optimizerNamed } = training;
    const { responseLr } = options;
    return {
      ...selfTuningSettings(options, training),
      ...(name !== undefined && name !== optimizerName && { responseOptimizer: optimizerNamed(name) }),
      ...(responseLr !== undefined && { responseLearningRate: responseLr }),
      ...{ perturbations, input },
    };
  },
  load: async () => (await import("../tuners/stn.ts")).stn,
});
