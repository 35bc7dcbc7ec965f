import type { TracePoint } from "../api/trace.ts";
import type { Engine } from "../engine/engine.ts";
import { freshPlateau } from "../nn/optim/plateau.ts";
import type { Task } from "../problem/problem.ts";
import type { HostTree } from "../util/host-array.ts";
import { judged } from "./best.ts";
import { demandFinite, demandFinitePoint, type DivergencePoint } from "./divergence.ts";
import { demandKept, openLedger, type EndReason } from "./ledger.ts";
import { atStart, beganAt, restarted, stepped, traced, type TrainingProgress } from "./progress.ts";
import { hasOverfittedEarly } from "./restart.ts";
import { runHost } from "./run-host.ts";
import type { Environment, RunOptions } from "./run-options.ts";
import { planRun, type FirstTuning } from "./run-plan.ts";
import { runTrace } from "./run-trace.ts";
import { demandSameState, demandSnapshot, type Snapshot } from "./snapshot.ts";
import type { Tuner } from "./tuner.ts";

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
  | {
      readonly kind: "end";
      readonly reason: EndReason;
      readonly best: TracePoint;
      readonly final: TracePoint;
    };

/** A training run: iterate over its events; between two of them its state stands still and can be copied. */
export interface Run {
  /** Sentences on what the run will not do that one would take for granted: tune, where it is too short. */
  readonly remarks: readonly string[];
  /** The first hyperparameter step; absent where the method makes none. */
  readonly firstTuning?: FirstTuning;
  /** Trains. Iterate once. @throws {HypertrainError} where a loss is not finite. */
  events(): AsyncGenerator<RunEvent, void>;
  /** Where the run stands, whole. */
  snapshot(): Promise<Snapshot>;
  /**
   * The trained network's weights: `"last"`, the default, at the current step and hyperparameters; `"best"` at the evaluation with the
   * lowest validation loss so far, in a run that keeps them.
   */
  weights(which?: "last" | "best"): Promise<HostTree>;
  /** Frees the engine's memory. */
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
 */
export function createRun(
  task: Task,
  tuner: Tuner,
  engine: Engine,
  options: RunOptions,
  environment: Environment,
  from?: Snapshot,
): Run {
  if (from !== undefined) demandSnapshot(from);
  const { plan, initial } = planRun(task, tuner, options, from);
  const { settings, prepared, steps, firstTuning } = plan;
  if (from) demandSameState(initial, from.state);
  const session = engine.open(prepared.programs, initial, settings.precision);
  if (from) session.write(from.state);

  let progress: TrainingProgress = from?.progress ?? atStart(plan.planned);
  const ledger = openLedger({ ...settings, steps }, environment, from);
  const rateFactor = () => settings.plateau?.factorOf(progress.plateau ?? freshPlateau) ?? 1;
  const host = runHost(plan.seen, session, settings, { began: () => beganAt(progress), rateFactor });
  const trace = runTrace(plan, engine, session, host);

  const spent = () => ({ steps: progress.step, gradientEvaluations: progress.gradientEvaluations });
  const isDue = () => progress.step % settings.evaluateEvery === 0;
  const weights = async () => (await session.run("weights", {})).params;
  const here = (): DivergencePoint => ({
    step: progress.step,
    learningRates: prepared.learningRates(progress.step, rateFactor()),
    hyperparameters: ledger.last()?.hyperparameters ?? {},
  });

  /** Lets the plateau see an evaluation, but for one that the run's end alone asked for. @returns what the trace says of it */
  const lowerRates = (loss: number): Pick<TracePoint, "rateFactor"> => {
    if (!settings.plateau) return {};
    if (progress.step > beganAt(progress) && isDue()) {
      const { plateau = freshPlateau } = progress;
      progress = { ...progress, plateau: settings.plateau.seen(plateau, loss) };
    }
    return { rateFactor: rateFactor() };
  };

  /** Evaluates, and enters the trace point in the ledger. */
  const mark = async (): Promise<{ trace: TracePoint; improved: boolean }> => {
    const look = await trace.point(progress, ledger.last());
    const seen = { ...look, seconds: ledger.seconds() };
    demandFinitePoint(seen, here);
    const point = { ...seen, ...lowerRates(judged(seen)) };
    const improved = await ledger.enter(point, weights);
    progress = traced(progress);
    return { trace: point, improved };
  };

  const shouldRestart = (): boolean => {
    if (!settings.restart || !prepared.trained || progress.restartedAt !== undefined) return false;
    const [best, last] = [ledger.best(), ledger.last()] as [TracePoint, TracePoint]; // it was evaluated
    const [share, smoothed] = [ledger.share(spent()), ledger.smoothed()];
    return hasOverfittedEarly({ share, last, best, smoothed }, task.problem.space);
  };

  const restart = (): void => {
    const first = plan.initialState();
    session.write(
      Object.fromEntries((prepared.trained ?? []).map((part) => [part, first[part] as HostTree])),
    );
    progress = restarted(progress);
    ledger.renewPatience();
  };

  async function* events(): AsyncGenerator<RunEvent, void> {
    if (!ledger.last()) await mark();
    yield { kind: "start", trace: ledger.last() as TracePoint, steps, stepsPerEpoch: settings.stepsPerEpoch };
    const rest = breather(environment.clock);
    const stop = async () => {
      await rest();
      return environment.signal?.aborted === true || ledger.seconds() >= settings.timeLimit;
    };
    const stoppable = { ...host, stop };
    let reason: EndReason | undefined;
    for (;;) {
      const due = isDue();
      if (due && progress.sinceTrace.steps > 0) yield { kind: "epoch", ...(await mark()) };
      reason = ledger.reasonToEnd(spent());
      if (reason) break;
      if (due && !progress.begun && shouldRestart()) restart();
      const report = await prepared.advance(stoppable, progress.step, progress.begun);
      if (report.tuned !== undefined) {
        progress = { ...progress, begun: report };
        reason = ledger.reasonToEnd(spent()) ?? "interrupted";
        break;
      }
      progress = stepped(progress, report);
      demandFinite("training loss", report.loss + report.penalty, here);
      const loss = report.loss / (task.problem.models ?? 1);
      yield { kind: "step", step: progress.step, seconds: ledger.seconds(), loss };
      await rest();
    }
    if (reason !== "interrupted" && progress.sinceTrace.steps > 0) yield { kind: "epoch", ...(await mark()) };
    const { best, last } = ledger.standing();
    yield { kind: "end", reason, best, final: last };
  }

  return {
    remarks: plan.remarks,
    ...(firstTuning && { firstTuning }),
    events,
    async snapshot() {
      const standing = ledger.standing();
      const best = ledger.bestWeights();
      return {
        state: await session.read(),
        progress: { ...progress, ...standing },
        ...(best && { best }),
      };
    },
    weights: async (which = "last") => (which === "last" ? weights() : demandKept(ledger.bestWeights())),
    dispose() {
      trace.dispose();
      session.dispose();
    },
  };
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
