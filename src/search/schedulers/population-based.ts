import { partKey, streamKey, uniformsAt } from "../../util/random.ts";
import { truncation, type Exploit, type ReadyMember } from "./population-based-exploit.ts";
import { perturbOrResample, type Explore } from "./population-based-explore.ts";
import {
  budgetOf,
  type Decision,
  type ScheduledTrial,
  type Scheduler,
  type StudyFacts,
} from "./scheduler.ts";
import { ownOptions } from "../../util/given.ts";
import { count, functionOf, needed, positive } from "../../util/rule.ts";

/** Options of {@link populationBased}. */
export interface PopulationBasedOptions {
  /** Epochs that a member is trained in all, those of what it is a copy of included. Then a new population begins. */
  readonly budget: number;
  /** n: members of a population; default 8. */
  readonly members?: number;
  /** Epochs from one ready point to the next, an integer; default a tenth of the budget, at least 1. */
  readonly interval?: number;
  /** Who copies whom; default {@link truncation} of a fifth. */
  readonly exploit?: Exploit;
  /** What becomes of the hyperparameters of a copy; default {@link perturbOrResample} by 0.8 or 1.2. */
  readonly explore?: Explore;
}

/**
 * Population-based training (Jaderberg et al. 2017): n members are trained side by side; after every interval they are ready, when bad
 * ones become copies of good ones, weights and hyperparameters, and go on at hyperparameters near theirs. So what is found is a
 * schedule of hyperparameters, and a single network that was trained along it.
 *
 * Take it where good hyperparameters change as training goes on, and one training is what can be afforded, times n. It tunes what
 * training looks at in every step, such as rates and penalties, not what shapes the weights.
 *
 * The first values of every member are the sampler's, all later ones follow from these. Here members wait for each other at ready
 * points, so that a decision does not depend on who was faster; the paper's do not. A member that failed is the worst at the next
 * ready point, where both ways to `exploit` make it a copy. Once all that live have seen the budget, the next n trials are a new
 * population, so that a study goes on for as long as it is let; where no more are started, a population has those that are there.
 *
 * ```ts
 * openStudy({ space, sampler: random(), scheduler: populationBased({ budget: 100 }), runner, seed: 0 });
 * ```
 *
 * @see Jaderberg, Dalibard, Osindero et al., "Population based training of neural networks", 2017, https://arxiv.org/abs/1711.09846
 * @throws {HypertrainError} for a number of members or an interval that is no positive integer.
 */
export function populationBased(options: PopulationBasedOptions): Scheduler {
  const {
    budget,
    members = 8,
    ...rest
  } = ownOptions("populationBased", options, {
    ...{ budget: needed(positive), members: count, interval: count },
    exploit: functionOf<Exploit>("that copies members, such as truncation()"),
    explore: functionOf<Explore>("that changes hyperparameters, such as perturbOrResample()"),
  });
  const { interval = Math.max(1, Math.round(budget / 10)) } = rest;
  const { exploit = truncation(), explore = perturbOrResample() } = rest;
  const methods = { exploit, explore };
  return {
    name: "population-based",
    budget,
    decide(all, study) {
      const { trials: most = Infinity } = study;
      const trials = all.toSorted((a, b) => a.number - b.number);
      for (let from = 0; ; from += members) {
        const population = trials.slice(from, from + members);
        if (population.length === 0 || (population.length < members && trials.length < most)) {
          return { kind: "start", to: Math.min(interval, budget) };
        }
        const decision = decideIn(population, { budget, interval }, methods, study);
        if (decision) return decision;
      }
    },
  };
}

/** What is left to do in a population; nothing once all of it that lives has seen the budget. */
function decideIn(
  population: readonly ScheduledTrial[],
  { budget, interval }: { readonly budget: number; readonly interval: number },
  methods: Methods,
  study: StudyFacts,
): Decision | undefined {
  for (let ready = 0; ready < budget - 1e-9; ready += interval) {
    const to = Math.min(ready + interval, budget);
    const clone = ready > 0 ? cloneAt(ready, population, methods, study) : undefined;
    if (clone) return { ...clone, to };
    const short = population.filter((trial) => trial.state !== "failed" && budgetOf(trial) < to - 1e-9);
    const next = short.find(({ state }) => state === "paused");
    if (next) return { kind: "continue", trial: next.number, to };
    if (short.length > 0) return { kind: "wait" };
  }
  return undefined;
}

interface Methods {
  readonly exploit: Exploit;
  readonly explore: Explore;
}

/**
 * The next copy to be made at a ready point that all have reached. The worst is the first: whom it copies, though perhaps a copier
 * itself, still stands there then.
 */
function cloneAt(
  ready: number,
  population: readonly ScheduledTrial[],
  { exploit, explore }: Methods,
  { space, seed }: StudyFacts,
): Omit<Extract<Decision, { kind: "clone" }>, "to"> | undefined {
  const key = streamKey(seed, "population-based");
  const draws = (what: string, member: number, count: number) =>
    uniformsAt(partKey(key, `${what} ${member}`), ready, count);
  const ranking = rankingAt(ready, population);
  const copyings = exploit(ranking, (member) => draws("exploit", member, 1)[0] as number);
  const next = ranking
    .toReversed()
    .flatMap(({ number }) => copyings.filter(({ trial }) => trial === number))
    .find(({ trial }) => !hasCopied(memberOf(population, trial), ready));
  if (!next) return undefined;
  const { values } = memberOf(population, next.from);
  return {
    kind: "clone",
    ...next,
    values: explore(values, space, (count) => draws("explore", next.trial, count)),
  };
}

/** The members as they stood at a ready point, before any copied there: only then has a curve a point at that very budget. */
const rankingAt = (ready: number, population: readonly ScheduledTrial[]): ReadyMember[] =>
  population
    .map(({ number, curve }) => ({
      number,
      loss: finiteOr(curve.find(({ budget }) => Math.abs(budget - ready) < 1e-9)?.loss, Infinity),
    }))
    .sort((a, b) => (a.loss === b.loss ? a.number - b.number : a.loss - b.loss));

const finiteOr = (loss: number | undefined, otherwise: number): number =>
  loss !== undefined && Number.isFinite(loss) ? loss : otherwise;

const hasCopied = ({ copies = [] }: ScheduledTrial, ready: number): boolean =>
  copies.some(({ budget }) => Math.abs(budget - ready) < 1e-9);

const memberOf = (population: readonly ScheduledTrial[], trial: number): ScheduledTrial =>
  population.find(({ number }) => number === trial) as ScheduledTrial;
