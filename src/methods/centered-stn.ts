import { anchoredOptions, anchoredSettings, selfTuningCan, usualWarmup } from "./groups.ts";
import { trainingMethod } from "./method.ts";

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
  can: selfTuningCan,
  warmup: usualWarmup,
  options: anchoredOptions,
  settings: anchoredSettings,
  load: async () => (await import("../tuners/centered-stn.ts")).centeredStn,
});
