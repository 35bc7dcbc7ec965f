import { cmaEs } from "../../search/cma-es.ts";
import { gpSampler } from "../../search/gp-sampler.ts";
import { grid } from "../../search/grid.ts";
import { quasiRandom } from "../../search/quasi-random.ts";
import { random } from "../../search/random.ts";
import type { Sampler } from "../../search/sampler.ts";
import { asha } from "../../search/schedulers/asha.ts";
import { fullBudget } from "../../search/schedulers/full-budget.ts";
import { hyperband } from "../../search/schedulers/hyperband.ts";
import { medianStop } from "../../search/schedulers/median-stop.ts";
import type { Scheduler } from "../../search/schedulers/scheduler.ts";
import { successiveHalving } from "../../search/schedulers/successive-halving.ts";
import { tpe } from "../../search/tpe.ts";
import { configSchema, type Config } from "../config.ts";

/** A method that trains once, and tunes on the way. */
interface Tuning {
  readonly kind: "tuning";
  readonly method: Config["method"];
}

/** A method that trains again and again. */
interface Searching {
  readonly kind: "searching";
  sampler(): Sampler;
  /** @param budget epochs of a trial that goes to its end */
  scheduler(budget: number): Scheduler;
}

/** What takes part in a comparison. */
export type Contender = Tuning | Searching;

const searching = (
  sampler: () => Sampler,
  scheduler: (budget: number) => Scheduler = fullBudget,
): Searching => ({
  kind: "searching",
  sampler,
  scheduler,
});

const searches: Readonly<Record<string, Searching>> = {
  grid: searching(() => grid({ points: 3 })),
  random: searching(random),
  "quasi-random": searching(quasiRandom),
  tpe: searching(() => tpe()),
  gp: searching(() => gpSampler()),
  "cma-es": searching(() => cmaEs()),
  "successive-halving": searching(random, (budget) => successiveHalving({ budget })),
  hyperband: searching(random, (budget) => hyperband({ budget })),
  asha: searching(random, (budget) => asha({ budget })),
  "median-stop": searching(random, (budget) => medianStop({ budget })),
  "tpe-hyperband": searching(
    () => tpe(),
    (budget) => hyperband({ budget }),
  ),
};

const tunings = configSchema.shape.method
  .unwrap()
  .options.map((method): [string, Tuning] => [method, { kind: "tuning", method }]);

/** All that can be compared, by name. */
export const contenders: Readonly<Record<string, Contender>> = {
  ...Object.fromEntries(tunings),
  ...searches,
};
