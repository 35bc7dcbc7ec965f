import { inverseTime } from "../../src/nn/optim/schedule.ts";
import type { Task } from "../../src/problem/problem.ts";
import { choice } from "../../src/space/choice.ts";
import { integer } from "../../src/space/integer.ts";
import { real } from "../../src/space/real.ts";
import { smallTask, type SmallTaskOptions } from "../../src/testing/small-task.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { drmad } from "../../src/tuners/drmad.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { forwardUnrolled } from "../../src/tuners/forward-unrolled.ts";
import {
  globalHyperTraining,
  hyperTraining,
  simplifiedHyperTraining,
} from "../../src/tuners/hyper-training.ts";
import { implicitCg, implicitNeumann, t1T2 } from "../../src/tuners/implicit.ts";
import { reversible } from "../../src/tuners/reversible.ts";
import { smash } from "../../src/tuners/smash.ts";
import { stn } from "../../src/tuners/stn.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import { unrolled } from "../../src/tuners/unrolled.ts";

const soon = { warmupEpochs: 0, trainSteps: 2 };
const window = { warmupEpochs: 0, trainSteps: 4, horizon: 3 };

/** Every tuner, by the name of its factory, with settings that let it tune within a few steps. */
export const tuners: Readonly<Record<string, Tuner>> = {
  centeredStn: centeredStn(soon),
  deltaStn: deltaStn(soon),
  drmad: drmad(window),
  fixed: fixed(),
  forwardUnrolled: forwardUnrolled(soon),
  globalHyperTraining: globalHyperTraining({ hypernetEpochs: 1 }),
  hyperTraining: hyperTraining({ ...soon, scale: 0.1 }),
  implicitCg: implicitCg({ ...soon, damping: 0.1, iterations: 5 }),
  implicitNeumann: implicitNeumann({ ...soon, terms: 4 }),
  reversible: reversible(window),
  simplifiedHyperTraining: simplifiedHyperTraining(soon),
  smash: smash({ hypernetEpochs: 0.25, candidates: 2 }),
  stn: stn(soon),
  t1T2: t1T2({ warmupEpochs: 0 }),
  unrolled: unrolled(window),
};

/** The same factories with settings under which they compute in another way. */
export const variants: Readonly<Record<string, Tuner>> = {
  "centeredStn in full pairs": centeredStn({ ...soon, perturbations: "full" }),
  "centeredStn with an implicit objective": centeredStn({ ...soon, responseObjective: "implicit" }),
  "deltaStn with an averaged response": deltaStn({ ...soon, responseAveraging: 0.5 }),
  "deltaStn with an implicit objective": deltaStn({ ...soon, responseObjective: "implicit" }),
  "deltaStn whose response learns in every second step": deltaStn({ ...soon, responseEvery: 2 }),
  "deltaStn whose hyperparameter steps become shorter": deltaStn({
    ...soon,
    hyperSchedule: inverseTime({ after: 2 }),
  }),
  "deltaStn in pairs": deltaStn({ ...soon, perturbations: "paired" }),
  "hyperTraining in pairs": hyperTraining({ ...soon, scale: 0.1, perturbations: "paired" }),
  "stn with a centred input": stn({ ...soon, input: "centred" }),
  "stn in pairs": stn({ ...soon, perturbations: "paired" }),
};

/** A small task that a tuner can do: with an architecture for those that choose one, and as asked for otherwise. */
export const taskFor = ({ name }: Tuner, options: SmallTaskOptions = {}): Task =>
  smallTask(name === "smash" ? searchedNetwork : options);

const searchedNetwork: SmallTaskOptions = {
  hidden: [4, 4],
  hypers: {
    "dropout.input": real(0.1, { low: 0, high: 0.9 }),
    l2: real(0.01, { low: 1e-5, high: 1, log: true }),
    "width.fc1": integer(4, { low: 1, high: 6 }),
    "activation.fc1": choice("relu", { options: ["relu", "tanh"] }),
    "skip.fc2": choice(false, { options: [false, true] }),
  },
};
