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
  stn: stn(soon),
  t1T2: t1T2({ warmupEpochs: 0 }),
  unrolled: unrolled(window),
};
