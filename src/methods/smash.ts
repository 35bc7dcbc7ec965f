import { trainingMethod } from "./method.ts";
import { count, number, positive } from "../util/rule.ts";
import { shared } from "./option.ts";
import { hypernet, hypernetUnits, validBatchSize, warmupEpochs } from "./options.ts";

/** The architectures that are scored in a run that only time limits: a tenth of a run of the usual length. */
export const USUAL_CANDIDATES = 225;

/** `smash`. */
export const smashMethod = trainingMethod({
  name: "smash",
  title: "SMASH",
  family: "architecture",
  summary: "trains a hypernetwork on random architectures, scores others with its weights, trains the best",
  useWhen:
    "you choose widths, activations and residual connections in one run (`docs/architecture-search.md`)",
  avoidWhen: "there is time to train dozens of architectures: `hyperband` looks at real trainings",
  papers: [{ label: "Brock et al. 2017", url: "https://arxiv.org/abs/1708.05344" }],
  can: ["architecture"],
  warmup: { share: 2 / 5, steps: 4 * USUAL_CANDIDATES },
  without: { patience: "whose losses rise where its training starts anew" },
  only: { model: { values: ["mlp"], why: "whose architecture it chooses" } },
  options: {
    warmupEpochs: {
      ...warmupEpochs(
        undefined,
        "two fifths of all, which train the hypernetwork, or 900 steps where time alone limits the run",
      ),
      type: number({ above: 0 }),
    },
    validBatchSize: validBatchSize(512),
    hypernet: hypernet(undefined, "linear"),
    hypernetUnits: hypernetUnits(undefined, "10 if factored, 50 if mlp"),
    hypernetLr: shared(positive, { argument: "X", about: "learning rate of the hypernetwork" })(0.001),
    candidates: shared(count, {
      argument: "N",
      about: "architectures that are scored with generated weights, one a step",
    })(undefined, `a tenth of all steps, or ${USUAL_CANDIDATES} where time alone limits the run`),
  },
  settings(options, training) {
    const { optimizer, learningRate, clipNorm, stepsPerEpoch, epochs } = training;
    const { candidates = USUAL_CANDIDATES, hypernetLr, warmupEpochs } = options;
    const hypernetEpochs = warmupEpochs ?? Math.ceil((4 * USUAL_CANDIDATES) / stepsPerEpoch);
    const trained = epochs && epochs - hypernetEpochs - candidates / stepsPerEpoch;
    const hypernet = training.hypernetNamed(options.hypernet, options.hypernetUnits);
    return {
      ...{ optimizer, learningRate, schedule: training.schedule(trained), hypernetEpochs, candidates },
      hypernetLearningRate: hypernetLr,
      ...(hypernet && { hypernet }),
      ...(clipNorm !== undefined && { clipNorm }),
    };
  },
  load: async () => (await import("../tuners/smash.ts")).smash,
});
