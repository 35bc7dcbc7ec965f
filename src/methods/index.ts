import { deltaStnMethod } from "./delta-stn.ts";
import { centeredStnMethod } from "./centered-stn.ts";
import { stnMethod } from "./stn.ts";
import { hyperTrainingMethod } from "./hyper-training.ts";
import { hyperTrainingGlobalMethod } from "./hyper-training-global.ts";
import { hyperTrainingSimplifiedMethod } from "./hyper-training-simplified.ts";
import { unrolledMethod } from "./unrolled.ts";
import { forwardUnrolledMethod } from "./forward-unrolled.ts";
import { reversibleMethod } from "./reversible.ts";
import { drmadMethod } from "./drmad.ts";
import { implicitCgMethod } from "./implicit-cg.ts";
import { implicitNeumannMethod } from "./implicit-neumann.ts";
import { t1T2Method } from "./t1-t2.ts";
import { smashMethod } from "./smash.ts";
import { fixedMethod } from "./fixed.ts";
import { gridMethod } from "./grid.ts";
import { randomMethod } from "./random.ts";
import { quasiRandomMethod } from "./quasi-random.ts";
import { tpeMethod } from "./tpe.ts";
import { gpMethod } from "./gp.ts";
import { cmaEsMethod } from "./cma-es.ts";
import { nsga2Method } from "./nsga-2.ts";
import { successiveHalvingMethod } from "./successive-halving.ts";
import { hyperbandMethod } from "./hyperband.ts";
import { ashaMethod } from "./asha.ts";
import { medianStopMethod } from "./median-stop.ts";
import { freezeThawMethod } from "./freeze-thaw.ts";
import { populationBasedMethod } from "./population-based.ts";
import { tpeHyperbandMethod } from "./tpe-hyperband.ts";

/** The methods that train once, in the order in which lists have them. */
export const trainingMethods = [
  deltaStnMethod,
  centeredStnMethod,
  stnMethod,
  hyperTrainingMethod,
  hyperTrainingGlobalMethod,
  hyperTrainingSimplifiedMethod,
  unrolledMethod,
  forwardUnrolledMethod,
  reversibleMethod,
  drmadMethod,
  implicitCgMethod,
  implicitNeumannMethod,
  t1T2Method,
  smashMethod,
  fixedMethod,
] as const;

/** The methods that train again and again. */
export const searchMethods = [
  gridMethod,
  randomMethod,
  quasiRandomMethod,
  tpeMethod,
  gpMethod,
  cmaEsMethod,
  nsga2Method,
  successiveHalvingMethod,
  hyperbandMethod,
  ashaMethod,
  medianStopMethod,
  freezeThawMethod,
  populationBasedMethod,
  tpeHyperbandMethod,
] as const;
