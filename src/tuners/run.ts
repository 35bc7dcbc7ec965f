import type { HyperPoint, ResponseCheck, TracePoint } from "../api/trace.ts";
import { rowsOf, type Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/engine.ts";
import { freshPlateau } from "../nn/optim/plateau.ts";
import { initRows } from "../nn/row-states.ts";
import { checkProblem } from "../problem/check-problem.ts";
import type { Task } from "../problem/problem.ts";
import { inputError, workError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";
import { checksPaidBy } from "./check-budget.ts";
import { demandPlateau } from "./follows-plateau.ts";
import { guarded } from "./guard.ts";
import type { StreamName } from "./host.ts";
import { judged, openLedger, type EndReason } from "./ledger.ts";
import { responseChecker } from "./response-check.ts";
import { hasOverfittedEarly } from "./restart.ts";
import { runHost } from "./run-host.ts";
import { runSettings, type Environment, type RunOptions, type RunSettings } from "./run-options.ts";
import { demandSameState, demandSnapshot, type Progress, type Snapshot } from "./snapshot.ts";
import { evaluate, hyperPoints } from "./trace-point.ts";
import type { StepReport, Tuner } from "./tuner.ts";

export type { EndReason } from "./ledger.ts";
export type { Environment, RunOptions } from "./run-options.ts";
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

/** When a run makes its first hyperparameter step. */
export interface FirstTuning {
  /** Training steps that are made before. */
  readonly steps: number;
  /** The least whole number of epochs that have as many. */
  readonly epochs: number;
}

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
  const { seed = 0, guard: share = 0 } = options;
  const { seen, guard } = guarded(task.data.valid, share, seed);
  const tuning: Task = { ...task, data: { ...task.data, valid: seen } };
  const settings = runSettings(options, tuning);
  const stepsPerEpoch = Math.ceil(task.data.train.rows / settings.batchSize);
  const planned = from ? from.progress.planned : finite(settings.epochs);
  const length = { epochs: planned ?? Infinity, stepsPerEpoch };
  /** The state at first, made anew where it is wanted again: kept, it would take as much memory as the state itself. */
  const prepare = () => {
    const { state, ...prepared } = tuner.prepare(task, settings.seed, length);
    const initial = { ...state, ...rowsOfStreams(task, prepared.handsOn ?? [], settings) };
    return { prepared, initial };
  };
  const { prepared, initial } = prepare();
  demandCarrying(tuner.name, task, initial);
  if (!from) checkProblem(task, settings.batchSize);
  const steps = settings.epochs * stepsPerEpoch;
  const resultFrom = prepared.resultFrom?.(stepsPerEpoch) ?? 0;
  demandLength(tuner.name, steps, resultFrom, stepsPerEpoch);
  if (settings.plateau) demandPlateau(tuner.name, prepared);
  const session = engine.open(prepared.programs, initial, settings.precision);
  if (from) {
    demandSameState(initial, from.state);
    session.write(from.state);
  }

  const { models = 1 } = task.problem;
  const ledger = openLedger({ ...settings, steps }, environment, from);
  const began = () => progress.restartedAt ?? 0;
  const isDue = () => progress.step % (settings.evaluateEvery ?? stepsPerEpoch) === 0;
  const rateFactor = () => settings.plateau?.factorOf(progress.plateau ?? freshPlateau) ?? 1;
  const host = runHost(tuning, session, settings, stepsPerEpoch, { began, rateFactor });
  const checker =
    settings.checkShare > 0 ? responseChecker(task, prepared, engine, settings.precision) : undefined;
  const tunesFrom = prepared.tunesFrom?.(stepsPerEpoch) ?? Infinity;
  const firstTuning =
    tunesFrom === Infinity ? undefined : { steps: tunesFrom, epochs: Math.ceil(tunesFrom / stepsPerEpoch) };

  let progress: Omit<Progress, keyof ReturnType<typeof ledger.standing>> = from?.progress ?? {
    ...(planned !== undefined && { planned }),
    step: 0,
    gradientEvaluations: 0,
    sinceTrace: nothingSeen,
  };
  const spent = () => ({ steps: progress.step, gradientEvaluations: progress.gradientEvaluations });

  const weights = async () => (await session.run("weights", {})).params;

  const trace = async (): Promise<TracePoint> => {
    const { step, gradientEvaluations, sinceTrace } = progress;
    const valid = await evaluate(task, session, "valid", settings.evaluationBatchSize);
    const point = {
      step,
      epoch: step / stepsPerEpoch,
      examples: step * settings.batchSize,
      gradientEvaluations,
      ...(progress.restartedAt !== undefined && { restartedAt: progress.restartedAt }),
      hyperparameters: await hyperPoints(task.problem, session),
      ...(sinceTrace.steps > 0 && { train: meansOf(sinceTrace, models) }),
      valid,
      ...(guard && { guard: await guardOf(guard, valid.loss) }),
      ...(task.data.test && { test: await evaluate(task, session, "test", settings.evaluationBatchSize) }),
    };
    const checked = await check();
    return { ...point, ...(checked && { check: checked }), seconds: ledger.seconds() };
  };

  /** The loss on the guard, and what remains of the loss on all rows for those that the tuner sees. */
  const guardOf = async (rows: Dataset, whole: number): Promise<NonNullable<TracePoint["guard"]>> => {
    const alone: Task = { ...task, data: { ...task.data, valid: rows } };
    const { loss } = await evaluate(
      alone,
      session,
      "valid",
      Math.min(settings.evaluationBatchSize, rows.rows),
    );
    const others = whole * rowsOf(task.data.valid) - loss * rowsOf(rows);
    return { rows: rows.rows, loss, seen: others / rowsOf(seen) };
  };

  /** A check of the response, where the gradients since the last evaluation have paid for one. */
  const check = async (): Promise<ResponseCheck | undefined> => {
    const { step, gradientEvaluations } = progress;
    if (!checker || step - began() < tunesFrom) return undefined;
    const paidBy = (gradients: number) => checksPaidBy(gradients, settings.checkShare);
    if (paidBy(gradientEvaluations) === paidBy(ledger.last()?.gradientEvaluations ?? 0)) return undefined;
    return checker.check(session, host, step);
  };

  /** Lets the plateau see an evaluation, but for one that the run's end alone asked for. @returns what the trace says of it */
  const lowerRates = (loss: number): Pick<TracePoint, "rateFactor"> => {
    if (!settings.plateau) return {};
    if (progress.step > began() && isDue()) {
      progress = { ...progress, plateau: settings.plateau.seen(progress.plateau ?? freshPlateau, loss) };
    }
    return { rateFactor: rateFactor() };
  };

  /** Evaluates, and keeps the books on what was best. */
  const mark = async (): Promise<{ trace: TracePoint; improved: boolean }> => {
    const seen = await trace();
    if (!Number.isFinite(seen.valid.loss)) throw diverged("validation loss", seen.valid.loss);
    const [odd] = Object.entries(seen.hyperparameters).filter(([, { value }]) => !isFinite(value));
    if (odd) throw diverged(`hyperparameter ${odd[0]}`, NaN);
    const point = { ...seen, ...lowerRates(judged(seen)) };
    const best = ledger.best();
    const anew = best !== undefined && best.step < resultFrom && point.step >= resultFrom;
    const improved = await ledger.enter(point, weights, anew);
    progress = { ...progress, sinceTrace: nothingSeen };
    return { trace: point, improved };
  };

  const diverged = (what: string, value: number): Error => {
    const rates = Object.entries(prepared.learningRates(progress.step, rateFactor())).map(
      ([name, rate]) => `${name} ${rate}`,
    );
    const hyperparameters = ledger.last()?.hyperparameters ?? {}; // none before the first evaluation
    const values = Object.entries(hyperparameters).map(([name, { value }]) => `${name} ${shorten(value)}`);
    return workError(
      `the ${what} must stay finite, but became ${value} at step ${progress.step} (learning rates: ${rates.join(", ")}; hyperparameters at the last evaluation: ${values.join(", ") || "none"}); start again with lower learning rates or narrower ranges`,
    );
  };

  const shouldRestart = (): boolean => {
    if (!settings.restart || !prepared.trained || progress.restartedAt !== undefined) return false;
    const { step } = progress;
    const bestStep = (ledger.best() as TracePoint).step;
    return hasOverfittedEarly({ share: ledger.share(spent()), step, bestStep, tunesFrom });
  };

  const restart = (): void => {
    const { initial } = prepare();
    const first = (prepared.trained ?? []).map((part) => [part, initial[part] as HostTree]);
    session.write(Object.fromEntries(first) as Record<string, HostTree>);
    const { plateau: _, ...before } = progress;
    progress = { ...before, restartedAt: progress.step };
    ledger.renewPatience();
  };

  async function* events(): AsyncGenerator<RunEvent, void> {
    if (!ledger.last()) await mark();
    yield { kind: "start", trace: ledger.last() as TracePoint, steps, stepsPerEpoch };
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
      const { begun: _, ...before } = progress;
      progress = advanced(before, report);
      const objective = report.loss + report.penalty;
      if (!Number.isFinite(objective)) throw diverged("training loss", objective);
      yield { kind: "step", step: progress.step, seconds: ledger.seconds(), loss: report.loss / models };
      await rest();
    }
    if (reason !== "interrupted" && progress.sinceTrace.steps > 0) yield { kind: "epoch", ...(await mark()) };
    const { best, last } = ledger.standing();
    yield { kind: "end", reason, best, final: last };
  }

  return {
    remarks: [...remarksBefore(tuner.name, steps, firstTuning), ...(prepared.remarks ?? [])],
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
      checker?.dispose();
      session.dispose();
    },
  };
}

/**
 * The best weights of a run that keeps them.
 *
 * @throws {HypertrainError} for one that does not, or has not begun.
 */
export function demandKept(best: HostTree | undefined): HostTree {
  if (best) return best;
  throw inputError(
    'weights("best") must be asked of a run that keeps them and has evaluated once, but there are none; leave keepBest out and wait for the first event',
  );
}

/** Demands a method that hands on what a problem's training carries. */
function demandCarrying(method: string, { problem }: Task, { carried }: Snapshot["state"]): void {
  if (!problem.carried || carried) return;
  const layers = [...new Set(problem.carried.map(({ layer }) => `"${layer}"`))];
  const many = layers.length > 3 ? [...layers.slice(0, 3), `${layers.length - 3} others`] : layers;
  throw inputError(
    `${method} must find a problem whose training carries nothing from step to step but weights, but "${problem.name}" carries a state of ${many.join(", ")}; take delta-stn, centered-stn, stn or fixed, or layers without one, such as group-norm in the place of batch-norm`,
  );
}

/** What the rows of each stream have left for those behind them: nothing yet. */
const rowsOfStreams = (
  { problem: { rowStates }, data }: Task,
  streams: readonly StreamName[],
  { batchSize, validBatchSize }: RunSettings,
): Readonly<Record<string, HostTree>> =>
  rowStates && data.train.order === "streams"
    ? Object.fromEntries(
        streams.map((stream) => [
          `${stream}Rows`,
          initRows(rowStates, stream === "train" ? batchSize : validBatchSize),
        ]),
      )
    : {};

function demandLength(method: string, steps: number, least: number, stepsPerEpoch: number): void {
  if (Math.ceil(steps) >= least) return;
  throw inputError(
    `a run of ${method} must have at least ${least} steps for all that it does, but has ${Math.ceil(steps)}; give it ${Math.ceil(least / stepsPerEpoch)} epochs, or make its parts shorter`,
  );
}

/** What is known before the first step, and that its reader would not expect. */
function remarksBefore(method: string, steps: number, first: FirstTuning | undefined): string[] {
  if (first === undefined || Math.ceil(steps) >= first.steps) return [];
  return [
    `${method} will not tune in this run: its first hyperparameter step follows training step ${first.steps}, but the run has ${Math.ceil(steps)}; give it ${first.epochs} epochs with the same warm-up, or shorten the warm-up or the steps between hyperparameter steps`,
  ];
}

const nothingSeen = { steps: 0, loss: 0, penalty: 0 };

const advanced = <P extends Pick<Progress, "step" | "gradientEvaluations" | "sinceTrace">>(
  before: P,
  report: StepReport,
): P => ({
  ...before,
  step: before.step + 1,
  gradientEvaluations: before.gradientEvaluations + report.gradientEvaluations,
  sinceTrace: {
    steps: before.sinceTrace.steps + 1,
    loss: before.sinceTrace.loss + report.loss,
    penalty: before.sinceTrace.penalty + report.penalty,
  },
});

const meansOf = ({ steps, loss, penalty }: Progress["sinceTrace"], models: number) => ({
  loss: loss / steps / models,
  penalty: penalty / steps / models,
});

/** Nothing for Infinity, which JSON does not have. */
const finite = (value: number): number | undefined => (value === Infinity ? undefined : value);

/** Whether all its numbers are; options of a choice are no numbers. */
const isFinite = (value: HyperPoint["value"]): boolean =>
  typeof value === "object"
    ? value.every(Number.isFinite)
    : typeof value !== "number" || Number.isFinite(value);

const shorten = (value: HyperPoint["value"]): string =>
  typeof value === "object"
    ? `${value.length} values`
    : typeof value === "number"
      ? value.toPrecision(4)
      : String(value);

/** Lets timers, signals and the page have their turn every 50 ms, since a step itself may never yield. */
function breather(clock: Environment["clock"]): () => Promise<void> {
  let rested = clock.now();
  return async () => {
    if (clock.now() - rested < 50) return;
    await new Promise((resume) => setTimeout(resume, 0));
    rested = clock.now();
  };
}
