import { cmaEs } from "../../src/search/cma-es.ts";
import { gpSampler } from "../../src/search/gp-sampler.ts";
import { grid } from "../../src/search/grid.ts";
import { nsga2 } from "../../src/search/nsga2.ts";
import { quasiRandom } from "../../src/search/quasi-random.ts";
import { random } from "../../src/search/random.ts";
import type { Sampler } from "../../src/search/sampler.ts";
import { tpe } from "../../src/search/tpe.ts";

/** Makes every sampler, by the name of its factory, with settings that let it learn from few trials. */
export const samplers: Readonly<Record<string, () => Sampler>> = {
  cmaEs: () => cmaEs({ population: 4 }),
  gpSampler: () => gpSampler({ startupTrials: 6, candidates: 64 }),
  grid: () => grid({ points: 3 }),
  nsga2: () => nsga2({ population: 4 }),
  quasiRandom,
  random,
  tpe: () => tpe({ startupTrials: 6 }),
};
