import { freezeThaw } from "../../src/search/freeze-thaw/freeze-thaw.ts";
import { asha } from "../../src/search/schedulers/asha.ts";
import { fullBudget } from "../../src/search/schedulers/full-budget.ts";
import { hyperband } from "../../src/search/schedulers/hyperband.ts";
import { medianStop } from "../../src/search/schedulers/median-stop.ts";
import { populationBased } from "../../src/search/schedulers/population-based.ts";
import type { Scheduler } from "../../src/search/schedulers/scheduler.ts";
import { successiveHalving } from "../../src/search/schedulers/successive-halving.ts";

/** Makes every scheduler for trainings of so many epochs, by the name of its factory, with settings that let it decide soon. */
export const schedulers: Readonly<Record<string, (budget: number) => Scheduler>> = {
  asha: (budget) => asha({ budget }),
  freezeThaw: (budget) => freezeThaw({ budget, startupTrials: 4, candidates: 32 }),
  fullBudget: (budget) => fullBudget(budget),
  hyperband: (budget) => hyperband({ budget }),
  medianStop: (budget) => medianStop({ budget, interval: budget / 2.5 }),
  populationBased: (budget) => populationBased({ budget, members: 4, interval: 1 }),
  successiveHalving: (budget) => successiveHalving({ budget }),
};
