import { cmaEs } from "../search/cma-es.ts";
import { freezeThaw } from "../search/freeze-thaw/freeze-thaw.ts";
import { gpSampler } from "../search/gp-sampler.ts";
import { grid } from "../search/grid.ts";
import { quasiRandom } from "../search/quasi-random.ts";
import { random } from "../search/random.ts";
import type { Sampler } from "../search/sampler.ts";
import { asha } from "../search/schedulers/asha.ts";
import { fullBudget } from "../search/schedulers/full-budget.ts";
import { hyperband } from "../search/schedulers/hyperband.ts";
import { medianStop } from "../search/schedulers/median-stop.ts";
import { populationBased } from "../search/schedulers/population-based.ts";
import type { Scheduler } from "../search/schedulers/scheduler.ts";
import { successiveHalving } from "../search/schedulers/successive-halving.ts";
import { tpe } from "../search/tpe.ts";
import type { Problem } from "../problem/problem.ts";
import { inputError } from "../util/error.ts";
import type { SearchMethod } from "./methods.ts";

/** What suggests values, and what spends the budget. */
export interface SearchParts {
  sampler(): Sampler;
  /** @param budget epochs of a trial that goes to its end */
  scheduler(budget: number): Scheduler;
}

const search = (
  sampler: () => Sampler,
  scheduler: (budget: number) => Scheduler = fullBudget,
): SearchParts => ({
  sampler,
  scheduler,
});

/** The methods that train again and again, by name. */
export const searches: Readonly<Record<SearchMethod, SearchParts>> = {
  grid: search(() => grid({ points: 3 })),
  random: search(random),
  "quasi-random": search(quasiRandom),
  tpe: search(() => tpe()),
  gp: search(() => gpSampler()),
  "cma-es": search(() => cmaEs()),
  "successive-halving": search(random, (budget) => successiveHalving({ budget })),
  hyperband: search(random, (budget) => hyperband({ budget })),
  asha: search(random, (budget) => asha({ budget })),
  "median-stop": search(random, (budget) => medianStop({ budget })),
  "freeze-thaw": search(random, (budget) => freezeThaw({ budget })), // which chooses values itself
  "population-based": search(random, (budget) => populationBased({ budget })),
  "tpe-hyperband": search(
    () => tpe(),
    (budget) => hyperband({ budget }),
  ),
};

/**
 * Demands that a search can do a problem: so many points that its sampler can choose among them, and copies that fit.
 *
 * @param problem with an end to every range
 * @throws {HypertrainError}
 */
export function demandSearchable(method: SearchMethod, { name, space, architecture }: Problem): void {
  searches[method].sampler().suggest({ space, trials: [], seed: 0, number: 0 });
  if (method !== "population-based" || !architecture) return;
  throw inputError(
    `population-based must have trainings whose weights fit each other, but ${architecture.names.map((hyper) => `"${hyper}"`).join(", ")} of "${name}" change the network; take another search, or smash`,
  );
}
