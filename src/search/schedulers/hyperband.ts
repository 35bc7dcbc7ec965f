import type { Scheduler } from "./scheduler.ts";
import { aboveOne, inBrackets, rungsOf, timesDivisible, type Rung } from "./successive-halving.ts";
import { ownOptions } from "../../util/given.ts";
import { needed, positive } from "../../util/rule.ts";

/** Options of {@link hyperband}. */
export interface HyperbandOptions {
  /** R: the most epochs of a trial. */
  readonly budget: number;
  /** η: one of so many trials goes on; default 3. */
  readonly eta?: number;
}

/**
 * Hyperband (Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar, "Hyperband", 2016): brackets of successive halving from the most
 * trials with the shortest start to none halved at all, since how early a curve tells its end is not known; then again.
 */
export function hyperband(options: HyperbandOptions): Scheduler {
  const { budget, eta = 3 } = ownOptions("hyperband", options, { budget: needed(positive), eta: aboveOne });
  return inBrackets("hyperband", hyperbandTable(budget, eta));
}

/** The rungs of every bracket s = s_max … 0, with n = ceil((s_max + 1) / (s + 1) η^s) trials to start with. */
export function hyperbandTable(budget: number, eta: number): Rung[][] {
  const most = timesDivisible(budget, eta);
  return Array.from({ length: most + 1 }, (_, i) => {
    const s = most - i;
    const trials = Math.ceil(((most + 1) / (s + 1)) * eta ** s - 1e-9);
    return rungsOf(trials, budget, eta, s);
  });
}
