import type { TracePoint } from "../api/trace.ts";
import { anEngine, type Engine } from "../engine/engine.ts";
import { freedError, heldSession } from "../engine/held-session.ts";
import { aTask, type Task } from "../problem/problem.ts";
import type { HyperValues } from "../space/space.ts";
import type { HostTree } from "../util/host-array.ts";
import { demandKept, openLedger, type EndReason, type Ledger } from "./ledger.ts";
import { anEnvironment, runRules, type Environment, type RunOptions } from "./run-options.ts";
import { planRun, type FirstTuning, type RunPlan } from "./run-plan.ts";
import { demandSameDraws, demandSameState, demandSnapshot, type Snapshot } from "./snapshot.ts";
import { runTraining, type RunTraining } from "./run-training.ts";
import { aTuner, type Tuner } from "./tuner.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { objectWith, oneOf } from "../util/rule.ts";

export type { EndReason } from "./ledger.ts";
export type { Environment, RunOptions } from "./run-options.ts";
export type { FirstTuning } from "./run-plan.ts";
export type { Progress, Snapshot } from "./snapshot.ts";

/** What a run tells while it goes on. */
export type RunEvent =
  /** Before the first step, or where a resumed run goes on; `steps` is Infinity where only time limits the run. */
  | {
      readonly kind: "start";
      readonly trace: TracePoint;
      readonly steps: number;
      readonly stepsPerEpoch: number;
    }
  | { readonly kind: "step"; readonly step: number; readonly seconds: number; readonly loss: number }
  /** After an evaluation, at the end of an epoch unless asked otherwise; `improved` if the validation loss is the lowest so far. */
  | { readonly kind: "epoch"; readonly trace: TracePoint; readonly improved: boolean }
  /**
   * Of a search: a training failed, so that what it was evaluated to is no result, and `best` is the best point of the search again. Its points are those behind the step `since`, where
   * the search began it, or went on with it: what it had come to by then stands.
   */
  | { readonly kind: "failed"; readonly trial: number; readonly since: number; readonly best: TracePoint }
  | {
      readonly kind: "end";
      readonly reason: EndReason;
      readonly best: TracePoint;
      readonly final: TracePoint;
    };

/** A training of a search that failed, since a number became infinite, with what it was trained with. */
export interface FailedTraining {
  readonly number: number;
  readonly values: Readonly<HyperValues>;
}

/** A training run: iterate over its events; between two of them its state stands still and can be copied. */
export interface Run {
  /** Sentences on what the run will not do that one would take for granted: tune, where it is too short. */
  readonly remarks: readonly string[];
  /** The first hyperparameter step, as far as is known; absent where the method makes none. */
  readonly firstTuning?: FirstTuning | undefined;
  /** Of a search: its trainings that failed until now. */
  readonly failed?: readonly FailedTraining[];
  /** Trains. Iterate once. @throws {HypertrainError} where a loss is not finite, and after `dispose`. */
  events(): AsyncGenerator<RunEvent, void>;
  /** Where the run stands, whole. */
  snapshot(): Promise<Snapshot>;
  /**
   * The trained network's weights: `"last"`, the default, at the current step and hyperparameters; `"best"` at the evaluation with the
   * lowest validation loss so far, in a run that keeps them. The best ones are a copy outside of the engine, which `dispose` leaves; the last ones go with it.
   *
   * @throws {HypertrainError} for others, where it does not keep them, and for the last ones after `dispose`, or of a search none of whose trainings is under way.
   */
  weights(which?: "last" | "best"): Promise<HostTree>;
  /** Frees the engine's memory; a second time does nothing. Afterwards the run can neither go on nor be copied. */
  dispose(): void;
}

/**
 * Prepares the training of a task by a tuner: the only training loop, for every method.
 *
 * ```ts
 * const run = createRun(task, deltaStn(), await jaxEngine(), { epochs: 50 }, { clock: performance });
 * for await (const event of run.events()) if (event.kind === "epoch") console.log(event.trace.valid.loss);
 * run.dispose();
 * ```
 *
 * @param from a snapshot of an earlier run with the same task, tuner, seed and batch size: the run goes on bit for bit.
 * @throws {HypertrainError} for what is no task, tuner, engine or environment, for options that a run does not have, and where these do not go
 *   together.
 */
export function createRun(
  task: Task,
  tuner: Tuner,
  engine: Engine,
  options: RunOptions,
  environment: Environment,
  from?: Snapshot,
): Run {
  demandGiven(
    "createRun",
    { task, tuner, engine, environment },
    { task: aTask, tuner: aTuner, engine: anEngine, environment: anEnvironment },
  );
  ownOptions("createRun", options, runRules);
  if (from !== undefined) demandSnapshot(from);
  const { plan, initial } = planRun(task, tuner, options, from);
  const { settings, prepared, steps } = plan;
  if (from) demandSameDraws(from.progress, settings);
  if (from) demandSameState(initial, from.state);
  const session = heldSession(engine.open(prepared.programs, initial, settings.precision), FREED);
  if (from) session.write(from.state);

  const ledger = openLedger({ ...settings, steps }, environment, from);
  const training = runTraining(plan, engine, session, ledger, from?.progress);
  const { seed, batchSize } = settings;
  let freed = false;
  return {
    remarks: plan.remarks,
    get firstTuning() {
      return plan.firstTuning(training.progress().warmedUp);
    },
    events() {
      if (freed) throw freedError(FREED);
      return eventsOf(plan, training, ledger, environment);
    },
    async snapshot() {
      const standing = ledger.standing();
      const best = ledger.bestWeights();
      return {
        state: await session.read(),
        progress: { ...training.progress(), ...standing, seed, batchSize },
        ...(best && { best }),
      };
    },
    async weights(which = "last") {
      demandWhich(which);
      return which === "last" ? training.weights() : demandKept(ledger.bestWeights());
    },
    dispose() {
      freed = true;
      training.dispose();
      session.dispose();
    },
  };
}

/** What a freed run says. */
const FREED = { holder: "the run", anew: "create it again, from a snapshot to go on where that was taken" };

/** What a run must be. */
export const aRun = objectWith<Run>("a run, such as createRun(…)", {
  events: "function",
  snapshot: "function",
  weights: "function",
});

/** Demands one of the weights that a run has. */
export function demandWhich(which: "last" | "best"): void {
  demandGiven("weights", { which }, { which: oneOf("last", "best") });
}

/** The loop: evaluates where that is due, and makes steps until the ledger says that the run is over. */
async function* eventsOf(
  { settings, steps }: RunPlan,
  training: RunTraining,
  ledger: Ledger,
  environment: Environment,
): AsyncGenerator<RunEvent, void> {
  if (!ledger.last()) await training.mark();
  yield { kind: "start", trace: ledger.last() as TracePoint, steps, stepsPerEpoch: settings.stepsPerEpoch };
  const rest = breather(environment.clock);
  const stop = async () => {
    await rest();
    return environment.signal?.aborted === true || ledger.seconds() >= settings.timeLimit;
  };
  const stoppable = { ...training.host, stop };
  const hasNews = () => training.progress().sinceTrace.steps > 0;
  let reason: EndReason | undefined;
  for (;;) {
    const due = training.isDue();
    if (due && hasNews()) yield { kind: "epoch", ...(await training.mark()) };
    reason = ledger.reasonToEnd(training.spent());
    if (reason) break;
    if (due) training.restartIfOverfitted();
    const loss = await training.step(stoppable);
    if (loss === undefined) {
      reason = ledger.reasonToEnd(training.spent()) ?? "interrupted";
      break;
    }
    yield { kind: "step", step: training.progress().step, seconds: ledger.seconds(), loss };
    await rest();
  }
  if (reason !== "interrupted" && hasNews()) yield { kind: "epoch", ...(await training.mark()) };
  const { best, last } = ledger.standing();
  yield { kind: "end", reason, best, final: last };
}

/** Lets timers, signals and the page have their turn every 50 ms, since a step itself may never yield. */
function breather(clock: Environment["clock"]): () => Promise<void> {
  let rested = clock.now();
  return async () => {
    if (clock.now() - rested < 50) return;
    await new Promise((resume) => setTimeout(resume, 0));
    rested = clock.now();
  };
}
