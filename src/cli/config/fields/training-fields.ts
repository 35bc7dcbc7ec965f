import { optimizersInWords, settingInWords } from "../../../methods/optimizers.ts";
import { type Field, number, numbers, text } from "./field.ts";

/** How the weights are trained. */
export const trainingFields = {
  epochs: {
    group: "Training:",
    basic: true,
    brief: "passes over the training data (default: enough for 2250 steps)",
    argument: "N",
    read: number,
    insteadInStudy: "--trial-epochs says how long a training is, --trials how many there are",
    notCompared: "which ends by --time or --budget-steps",
    about:
      "passes over the training data, maybe a fraction; those of all trainings of a search together (default: enough for 2250 steps, of a search for " +
      "20 trainings, or no limit with --time)",
  },
  time: {
    group: "Training:",
    basic: true,
    brief: "stop after this time, for example 60s, 10m or 2h",
    argument: "TIME",
    read: text,
    insteadInStudy: "--trials says how many trainings there are",
    about: "stop after this time, for example 60s, 10m or 2h (default: no limit)",
  },
  patience: {
    group: "Training:",
    argument: "N",
    read: number,
    about: "stop after N evaluations without a lower validation loss (default: never)",
    insteadInStudy: "--method hyperband or median-stop stops trainings that promise little",
  },
  evaluateEvery: {
    group: "Training:",
    argument: "N",
    read: number,
    notCompared: "which evaluates all methods as often, after each epoch or 50 steps",
    about: "epochs from one evaluation to the next (default: 1)",
  },
  batchSize: {
    group: "Training:",
    basic: true,
    argument: "N",
    read: number,
    brief: "examples of a minibatch (default: 128, for networks of few images 32 or 64)",
    about:
      "examples of a minibatch (default: 128; for simple-cnn, alexnet, vgg16 and resnet18 64 with fewer than 1024 training images, 32 with fewer than 512)",
  },
  lr: {
    group: "Training:",
    basic: true,
    brief: "learning rate of the weights (default: 0.03 for sgd)",
    argument: "X",
    read: number,
    about: `learning rate of the weights (default: ${settingInWords("rate")}; with --loss gaussian a fiftieth of it for sgd)`,
  },
  optimizer: {
    group: "Training:",
    argument: "NAME",
    read: text,
    about: `what trains the weights: ${optimizersInWords} (default: sgd, for hyper-training and lstm adam)`,
  },
  momentum: {
    group: "Training:",
    argument: "X",
    read: number,
    about: `momentum (default: ${settingInWords("momentum")})`,
  },
  schedule: {
    group: "Training:",
    argument: "NAME",
    read: text,
    about:
      "learning rate over the run: constant, cosine, step, or plateau, lowered where the validation loss stops falling, for fixed, self-tuning networks and searches (default: constant)",
  },
  decayEpochs: {
    group: "Training:",
    needs: { field: "schedule", values: ["step"] },
    argument: "N,N,...",
    read: numbers,
    about: "epochs at which --schedule step lowers the learning rate",
  },
  decayWait: {
    group: "Training:",
    needs: { field: "schedule", values: ["plateau"] },
    argument: "N",
    read: number,
    about:
      "--schedule plateau lowers the learning rate after each evaluation whose validation loss is above the lowest of all but the N before it (default: 5)",
  },
  decayFactor: {
    group: "Training:",
    needs: { field: "schedule", values: ["step", "plateau"] },
    argument: "X",
    read: number,
    about: "factor of --schedule step or plateau (default: 0.2, of plateau 0.25)",
  },
  clipNorm: {
    group: "Training:",
    argument: "X",
    read: number,
    about: "largest norm of a gradient (default: no limit)",
  },
} satisfies Readonly<Record<string, Field>>;
