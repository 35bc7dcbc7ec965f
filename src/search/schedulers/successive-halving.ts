import { bestAt, budgetOf, type Decision, type ScheduledTrial, type Scheduler } from "./scheduler.ts";
import { ownOptions } from "../../util/given.ts";
import { count, needed, number, positive } from "../../util/rule.ts";

/** So many trials are trained to this budget. */
export interface Rung {
  readonly trials: number;
  readonly budget: number;
}

/** Options of {@link successiveHalving}. */
export interface HalvingOptions {
  /** R: epochs of a trial that survives to the end. */
  readonly budget: number;
  /** η: one of so many trials goes on to η times its budget; default 3. */
  readonly eta?: number;
  /** Trials at the first rung; default η^s, where s is the number of times that R can be divided by η above 1. */
  readonly trials?: number;
}

/**
 * Successive halving (Jamieson and Talwalkar 2016): n trials for a short budget, then the best n/η for η times as long, and so on
 * to R; then n new ones.
 */
export function successiveHalving(options: HalvingOptions): Scheduler {
  const {
    budget,
    eta = 3,
    trials,
  } = ownOptions("successiveHalving", options, {
    ...{ budget: needed(positive), eta: aboveOne, trials: count },
  });
  const halvings = timesDivisible(budget, eta);
  const first = trials ?? Math.round(eta ** halvings);
  return inBrackets("successive-halving", [rungsOf(first, budget, eta, halvings)]);
}

/**
 * The rungs of one bracket: n_i = floor(n η^-i) trials at r_i = R η^(i - s), for i = 0 … s.
 *
 * @param s how often the budget is multiplied by η
 */
export const rungsOf = (n: number, budget: number, eta: number, s: number): Rung[] =>
  Array.from({ length: s + 1 }, (_, i) => ({
    trials: Math.max(1, Math.floor(n * eta ** -i + 1e-9)),
    budget: budget * eta ** (i - s),
  }));

/** The greatest s with η^s <= R. */
export const timesDivisible = (budget: number, eta: number): number =>
  Math.max(0, Math.floor(Math.log(budget) / Math.log(eta) + 1e-9));

/** What η must be. */
export const aboveOne = number({ above: 1 });

/**
 * Works through brackets one after the other, and then again from the first; each has trials of its own. One that is left with fewer,
 * since no more are started, halves those: of m members in the place of n, m/n of each rung.
 */
export const inBrackets = (name: string, brackets: readonly (readonly Rung[])[]): Scheduler => ({
  name,
  budget: Math.max(...brackets.flat().map(({ budget }) => budget)),
  decide(all, { trials: most = Infinity }) {
    const trials = all.toSorted((a, b) => a.number - b.number);
    let from = 0;
    for (let bracket = 0; ; bracket = (bracket + 1) % brackets.length) {
      const rungs = brackets[bracket] as readonly Rung[];
      const first = rungs[0] as Rung;
      const size = first.trials;
      const members = trials.slice(from, from + size);
      if (members.length === 0) return { kind: "start", to: first.budget };
      const decision = decideIn(trials.length < most ? rungs : shrunk(rungs, members.length / size), members);
      if (decision) return decision;
      from += size;
    }
  },
});

/** A bracket with a share of its trials. */
const shrunk = (rungs: readonly Rung[], share: number): readonly Rung[] =>
  rungs.map(({ trials, budget }) => ({ trials: Math.max(1, Math.floor(share * trials + 1e-9)), budget }));

/** What is left to do in a bracket; nothing once its last rung is done. */
function decideIn(rungs: readonly Rung[], members: readonly ScheduledTrial[]): Decision | undefined {
  const [first] = rungs as readonly [Rung];
  let candidates = members;
  for (const [i, rung] of rungs.entries()) {
    if (i === 0 && members.length < first.trials) {
      return { kind: "start", to: first.budget };
    }
    const unfinished = candidates.filter(
      (trial) => trial.state !== "failed" && budgetOf(trial) < rung.budget - 1e-9,
    );
    const next = unfinished.find(({ state }) => state === "paused");
    if (next) return { kind: "continue", trial: next.number, to: rung.budget };
    if (unfinished.length > 0) return { kind: "wait" };
    candidates = bestAt(candidates, rung.budget, rungs[i + 1]?.trials ?? 0);
  }
  return undefined;
}
