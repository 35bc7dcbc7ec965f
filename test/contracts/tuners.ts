import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import {
  globalHyperTraining,
  hyperTraining,
  simplifiedHyperTraining,
} from "../../src/tuners/hyper-training.ts";
import { stn } from "../../src/tuners/stn.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";

const soon = { warmupEpochs: 0, trainSteps: 2 };

/** Every tuner, by the name of its factory, with settings that let it tune within a few steps. */
export const tuners: Readonly<Record<string, Tuner>> = {
  centeredStn: centeredStn(soon),
  deltaStn: deltaStn(soon),
  fixed: fixed(),
  globalHyperTraining: globalHyperTraining({ hypernetEpochs: 1 }),
  hyperTraining: hyperTraining({ ...soon, scale: 0.1 }),
  simplifiedHyperTraining: simplifiedHyperTraining(soon),
  stn: stn(soon),
};
