import type { TracePoint } from "../api/trace.ts";
import { oddNumber } from "../data/odd-number.ts";
import type { Engine, Session } from "../engine/engine.ts";
import { freshPlateau } from "../nn/optim/plateau.ts";
import type { HostTree } from "../util/host-array.ts";
import { judged } from "./best.ts";
import { demandFinite, demandFinitePoint, type DivergencePoint } from "./divergence.ts";
import type { TunerPrograms } from "./evaluate.ts";
import type { Host } from "./host.ts";
import type { Ledger, Spent } from "./ledger.ts";
import { atStart, beganAt, restarted, stepped, traced, type TrainingProgress } from "./progress.ts";
import { hasOverfittedEarly, withLoss } from "./restart.ts";
import { runHost } from "./run-host.ts";
import type { RunPlan } from "./run-plan.ts";
import { runTrace } from "./run-trace.ts";

/** The training of a run: where it stands, and what moves it. */
export interface RunTraining {
  /** What a step asks for. */
  readonly host: Host;
  progress(): TrainingProgress;
  spent(): Spent;
  /** Whether an evaluation is due behind the steps so far. */
  isDue(): boolean;
  /** Evaluates, and enters the trace point in the ledger. @throws {HypertrainError} where a loss is not finite. */
  mark(): Promise<{ readonly trace: TracePoint; readonly improved: boolean }>;
  /** Begins anew from the hyperparameters found, where the weights overfitted before (`restart.ts`). */
  restartIfOverfitted(): void;
  /**
   * Makes a step.
   *
   * @returns its training loss; nothing where the run's end broke it off
   * @throws {HypertrainError} where that is not finite.
   */
  step(host: Host): Promise<number | undefined>;
  /** The trained network's own weights. */
  weights(): Promise<HostTree>;
  /** Frees what it has opened besides its session. */
  dispose(): void;
}

/** The training that a plan is of. @param from where an earlier run stood */
export function runTraining(
  plan: RunPlan,
  engine: Engine,
  session: Session<TunerPrograms>,
  ledger: Ledger,
  from?: TrainingProgress,
): RunTraining {
  const { task, settings, prepared } = plan;
  let progress: TrainingProgress = from ?? atStart(plan.planned, settings.warmupShare);
  const rateFactor = () => settings.plateau?.factorOf(progress.plateau ?? freshPlateau) ?? 1;
  const stands = { began: () => beganAt(progress), warmedUp: () => progress.warmedUp, rateFactor };
  const host = runHost(
    plan.seen,
    session,
    { ...settings, perMinibatch: prepared.perMinibatch ?? false },
    stands,
  );
  const trace = runTrace(plan, engine, session, host);

  const spent = () => ({ steps: progress.step, gradientEvaluations: progress.gradientEvaluations });
  const isDue = () => progress.step % settings.evaluateEvery === 0;
  const mayRestart = () =>
    settings.restart && prepared.trained !== undefined && progress.restartedAt === undefined;
  const weights = async () => (await session.run("weights", {})).params;
  const here = (): DivergencePoint => ({
    step: progress.step,
    untrained: progress.step === 0,
    learningRates: prepared.learningRates(progress.step, rateFactor()),
    hyperparameters: ledger.last()?.hyperparameters ?? {},
    oddNumber: oddNumber(task.data),
  });

  /** Lets the plateau and the restart see an evaluation behind a step, but for one that the run's end alone asked for. */
  const learn = (loss: number): void => {
    if (progress.step === beganAt(progress) || !isDue()) return;
    const { plateau = freshPlateau, trend } = progress;
    if (settings.plateau) progress = { ...progress, plateau: settings.plateau.seen(plateau, loss) };
    if (mayRestart()) progress = { ...progress, trend: withLoss(loss, trend) };
  };

  /** Ends the warm-up where its share of the time is over, though it may have more steps; a step that was broken off goes on as it began. */
  const endWarmup = (): void => {
    const { begun, warmedUp, warmupShare = Infinity, step } = progress;
    if (begun || warmedUp !== undefined || ledger.seconds() < warmupShare * settings.timeLimit) return;
    progress = { ...progress, warmedUp: step - beganAt(progress) };
  };

  const shouldRestart = (): boolean => {
    if (!mayRestart()) return false;
    const [best, last] = [ledger.best(), ledger.last()] as [TracePoint, TracePoint]; // it was evaluated
    const { trend } = progress;
    return hasOverfittedEarly({ share: ledger.share(spent()), last, best, trend }, task.problem.space);
  };

  return {
    ...{ host, progress: () => progress, spent, isDue, weights },
    async mark() {
      const look = await trace.point(progress, ledger.last());
      const seen = { ...look, seconds: ledger.seconds() };
      demandFinitePoint(seen, here);
      learn(judged(seen));
      const point = { ...seen, ...(settings.plateau && { rateFactor: rateFactor() }) };
      const improved = await ledger.enter(point, weights);
      progress = traced(progress);
      return { trace: point, improved };
    },
    restartIfOverfitted() {
      if (progress.begun || !shouldRestart()) return;
      const first = plan.initialState();
      session.write(
        Object.fromEntries((prepared.trained ?? []).map((part) => [part, first[part] as HostTree])),
      );
      progress = restarted(progress);
      ledger.renewPatience();
    },
    async step(stoppable) {
      endWarmup();
      const report = await prepared.advance(stoppable, progress.step, progress.begun);
      if (report.tuned !== undefined) {
        progress = { ...progress, begun: report };
        return undefined;
      }
      progress = stepped(progress, report);
      const first = progress.step === 1; // whose loss is that of the weights before it
      demandFinite("training loss", report.loss + report.penalty, () => ({ ...here(), untrained: first }));
      return report.loss / (task.problem.models ?? 1);
    },
    dispose: () => trace.dispose(),
  };
}
