import type { TracePoint } from "../api/trace.ts";
import { anEngine, type Engine } from "../engine/engine.ts";
import { freedError } from "../engine/held-session.ts";
import { aTask, type Task } from "../problem/problem.ts";
import {
  follows,
  keepsBounds,
  leastLoss,
  someGoals,
  type Goals,
  type TrialMeasures,
} from "../search/goals.ts";
import { costMeasures } from "../search/measures.ts";
import { aSampler, type Sampler } from "../search/sampler.ts";
import { aScheduler, type Scheduler } from "../search/schedulers/scheduler.ts";
import { remarksOnLoneRows } from "../tuners/lone-rows.ts";
import { checkProblem } from "../problem/check-problem.ts";
import { demandKept, openLedger, type EndReason, type Spent } from "../tuners/ledger.ts";
import { atStart } from "../tuners/progress.ts";
import { demandRestarting } from "../tuners/restarts.ts";
import { anEnvironment, runRules, runSettings } from "../tuners/run-options.ts";
import { demandWhich, type Environment, type Run, type RunEvent, type RunOptions } from "../tuners/run.ts";
import { demandSameDraws, type Snapshot } from "../tuners/snapshot.ts";
import { aTuner, type Tuner } from "../tuners/tuner.ts";
import { workError } from "../util/error.ts";
import type { HyperValues } from "../space/space.ts";
import { networkAt } from "./network-at.ts";
import { demandSearch, settledIn, sinceIn, snapshotOf, studyOf, trialsIn } from "./search-snapshot.ts";
import { failedIn, openStudy, type TrialEvent } from "./search-study.ts";
import { trialRunner } from "./trial.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { needed, type Rules } from "../util/rule.ts";

/** How to search. */
export interface Searcher {
  readonly sampler: Sampler;
  readonly scheduler: Scheduler;
  /** Trains with the hyperparameters held at their start: `fixed()`. */
  readonly tuner: Tuner;
  /** What the sampler follows besides the lowest loss; default nothing. */
  readonly goals?: Goals;
}

const searcherRules: Rules<Searcher> = {
  ...{ sampler: needed(aSampler), scheduler: needed(aScheduler), tuner: needed(aTuner), goals: someGoals },
};

/**
 * A search as one run: its trials one after the other, with one clock, one count of steps and one best network.
 *
 * Epochs, steps and the limit of time are those of all trials together. Each trace point says which trial it is of.
 *
 * ```ts
 * const searcher = { sampler: random(), scheduler: hyperband({ budget: 27 }), tuner: fixed() };
 * const run = createSearchRun(task, searcher, await jaxEngine(), { epochs: Infinity, timeLimit: 60 }, { clock: performance });
 * ```
 *
 * @param from a snapshot of an earlier run of the same parts: the search goes on bit for bit.
 * @throws {HypertrainError} for parts and options that are none, and where the trials cannot be trained; from its events also where it ends without a training that keeps its bounds.
 */
export function createSearchRun(
  task: Task,
  searcher: Searcher,
  engine: Engine,
  options: RunOptions,
  environment: Environment,
  from?: Snapshot,
): Run {
  const { study, runner, prepared, settings, goals } = openSearch({
    ...{ task, searcher, engine, options, environment, from },
  });
  const { seed, batchSize, stepsPerEpoch, evaluateEvery } = settings;
  const { signal } = environment;

  let spent: Spent = {
    steps: from?.progress.step ?? 0,
    gradientEvaluations: from?.progress.gradientEvaluations ?? 0,
  };
  const steps = settings.epochs * stepsPerEpoch;
  const ledger = openLedger({ ...settings, steps }, environment, from, from && settledIn(from));
  let since = sinceIn(from); // where the training under way began, or went on
  let goesOn = from !== undefined && trialsIn(from).some(({ state }) => state === "waiting"); // with the training that was under way

  const weights = () => study.weights();
  let freed = false;

  /** A trial's trace point as one of the search. */
  const overall = (trace: TracePoint, number: number, measures?: TrialMeasures): TracePoint => ({
    ...trace,
    step: spent.steps,
    epoch: spent.steps / stepsPerEpoch,
    examples: spent.steps * batchSize,
    gradientEvaluations: spent.gradientEvaluations,
    seconds: ledger.seconds(),
    trial: { number, epoch: trace.epoch, ...(measures && { measures }) },
    ...(!keepsBounds(measures ?? {}, goals ?? leastLoss) && { unfit: true }),
  });

  /** The end, of a search that has found what it is for. */
  const ended = (reason: EndReason): RunEvent => {
    const { best, last } = ledger.standing();
    if (reason === "interrupted") return { kind: "end", reason, best, final: last };
    study.demandFinite(best.step === 0);
    if (best.unfit) throw withinNone();
    return { kind: "end", reason, best, final: last };
  };

  /** An evaluation, or a failure, in the books. */
  const entered = async (event: TrialEvent): Promise<RunEvent | undefined> => {
    if (event.kind === "epoch") {
      const trace = overall(event.trace, event.trial, event.measures);
      return { kind: "epoch", trace, improved: await ledger.enter(trace, weights) };
    }
    if (event.kind !== "failed") return undefined;
    ledger.strike();
    return { kind: "failed", trial: event.trial, since, best: ledger.standing().best };
  };

  const followsCosts = goals !== undefined && costMeasures.some((cost) => follows(goals, cost));

  /** The end, behind a last evaluation of a training that its limit broke off; where costs count, it would be cheap for that. */
  async function* ending(reason: EndReason, hasNews: boolean): AsyncGenerator<RunEvent, void> {
    if (hasNews && reason !== "interrupted" && !followsCosts) {
      for await (const event of study.lastLook()) {
        ({ spent } = event);
        const told = await entered(event);
        if (told) yield told;
      }
    }
    yield ended(reason);
  }

  async function* events(): AsyncGenerator<RunEvent, void> {
    let begun = false;
    let hasNews = false; // whether steps were made since the last evaluation
    for await (const event of study.events()) {
      ({ spent } = event);
      if (event.kind === "start") {
        if (!ledger.last()) await ledger.enter(overall(event.trace, event.trial), weights);
        if (!goesOn) {
          ledger.settle();
          since = spent.steps;
        }
        goesOn = false;
        if (!begun) yield { kind: "start", trace: ledger.last() as TracePoint, steps, stepsPerEpoch };
        begun = true;
      }
      if (event.kind === "step") {
        yield { kind: "step", step: spent.steps, seconds: ledger.seconds(), loss: event.loss };
      }
      const told = await entered(event);
      if (told) yield told;
      hasNews = event.kind === "step";
      const evaluated = event.kind === "step" && event.step % evaluateEvery === 0; // by the next event
      const interrupted = signal?.aborted ? "interrupted" : undefined;
      const reason = evaluated ? interrupted : ledger.reasonToEnd(spent);
      if (reason) {
        yield* ending(reason, hasNews);
        return;
      }
    }
    yield ended(ledger.reasonToEnd(spent) ?? "points");
  }

  return {
    remarks: remarksOnLoneRows(task, prepared.handsOn ?? [], settings),
    get failed() {
      return failedIn(study.trials());
    },
    events() {
      if (freed) throw freedError(FREED);
      return events();
    },
    async snapshot() {
      const progress = {
        ...atStart(),
        step: spent.steps,
        gradientEvaluations: spent.gradientEvaluations,
        ...ledger.standing(),
        ...{ seed, batchSize },
      };
      const snapshot = snapshotOf(progress, await study.snapshot(), { ...ledger.settled(), since });
      const best = ledger.bestWeights();
      return { ...snapshot, ...(best && { best }) };
    },
    async weights(which = "last") {
      demandWhich(which);
      return which === "last" ? weights() : demandKept(ledger.bestWeights());
    },
    dispose() {
      freed = true;
      runner.dispose();
    },
  };
}

/** What a search is created from. */
interface SearchParts {
  readonly task: Task;
  readonly searcher: Searcher;
  readonly engine: Engine;
  readonly options: RunOptions;
  readonly environment: Environment;
  readonly from: Snapshot | undefined;
}

/** Opens the study of a search, where a snapshot left it if there is one. @throws {HypertrainError} for parts that are none, or do not go together. */
function openSearch({ task, searcher, engine, options, environment, from }: SearchParts) {
  demandGiven(
    "createSearchRun",
    { task, engine, environment },
    { task: aTask, engine: anEngine, environment: anEnvironment },
  );
  const { sampler, scheduler, tuner, goals } = ownOptions("createSearchRun", searcher, searcherRules);
  ownOptions("createSearchRun", options, runRules);
  if (from !== undefined) demandSearch(from);
  const { space } = task.problem;
  const settings = runSettings(options, task);
  const { seed, batchSize, precision, epochs, stepsPerEpoch } = settings;
  if (from) demandSameDraws(from.progress, settings);
  const prepared = tuner.prepare(task, seed, { epochs, stepsPerEpoch }); // which says so where the problem cannot be trained
  if (!from) checkProblem(task, batchSize);
  if (settings.restart) demandRestarting(tuner.name, prepared);
  const { clock } = environment;
  const unlimited = { timeLimit: Infinity, gradientLimit: Infinity, patience: Infinity };
  const { epochs: _all, ...own } = options;
  const run = { ...own, ...unlimited, keepBest: false };
  const runner = trialRunner({ task, tuner, engine, run, environment: { clock } });
  const parts = { space, sampler, scheduler, runner, seed, ...(goals && { goals }) };
  const latency = goals && follows(goals, "latency") && { engine, clock, batchSize, precision };
  const network = {
    networkAt: (values: Readonly<HyperValues>) => networkAt(task, values, latency || undefined),
  };
  const study = openStudy({ ...parts, ...network }, from && studyOf(from));
  return { study, runner, prepared, settings, goals };
}

/** What a freed search says. */
const FREED = {
  holder: "the search",
  anew: "create it again, from a snapshot to go on where that was taken",
};

const withinNone = (): Error =>
  workError(
    "a search within bounds must find a training that keeps them, but none did; widen the bounds, or let it go on for longer",
  );
