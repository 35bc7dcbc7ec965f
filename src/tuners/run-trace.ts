import type { ResponseCheck, TracePoint } from "../api/trace.ts";
import { rowsThatCount, type Dataset } from "../data/dataset.ts";
import type { Engine, Session } from "../engine/engine.ts";
import type { Task } from "../problem/problem.ts";
import { checksPaidBy } from "./check-budget.ts";
import type { TunerPrograms } from "./evaluate.ts";
import type { Host } from "./host.ts";
import { beganAt, type TrainingProgress } from "./progress.ts";
import { responseChecker } from "./response-check.ts";
import type { RunPlan } from "./run-plan.ts";
import { evaluate, hyperPoints } from "./trace-point.ts";

/** Looks at a run where it stands. */
export interface RunTrace {
  /**
   * Evaluates, and checks the response where the gradients since the last trace point have paid for it.
   *
   * @param last the trace point before; none at first
   */
  point(progress: TrainingProgress, last?: TracePoint): Promise<Omit<TracePoint, "seconds">>;
  dispose(): void;
}

/** What makes the trace points of a run, but for what its ledger knows. */
export function runTrace(
  plan: RunPlan,
  engine: Engine,
  session: Session<TunerPrograms>,
  host: Host,
): RunTrace {
  const { task, settings, prepared } = plan;
  const { problem, data } = task;
  const { batchSize, stepsPerEpoch, evaluationBatchSize, checkShare, precision } = settings;
  const checker = checkShare > 0 ? responseChecker(task, prepared, engine, precision) : undefined;
  const check = async (progress: TrainingProgress, last?: TracePoint): Promise<ResponseCheck | undefined> => {
    const { step, gradientEvaluations, warmedUp } = progress;
    const tunesFrom = plan.firstTuning(warmedUp)?.steps ?? Infinity;
    if (!checker || step - beganAt(progress) < tunesFrom) return undefined;
    const paidBy = (gradients: number) => checksPaidBy(gradients, checkShare);
    if (paidBy(gradientEvaluations) === paidBy(last?.gradientEvaluations ?? 0)) return undefined;
    return checker.check(session, host, step);
  };
  return {
    async point(progress, last) {
      const { step, gradientEvaluations, sinceTrace, restartedAt } = progress;
      const valid = await evaluate(task, session, "valid", evaluationBatchSize);
      const point = {
        step,
        epoch: step / stepsPerEpoch,
        examples: step * batchSize,
        gradientEvaluations,
        ...(step < plan.resultFrom && { unfit: true as const }),
        ...(restartedAt !== undefined && { restartedAt }),
        hyperparameters: await hyperPoints(problem, session),
        ...(sinceTrace.steps > 0 && { train: meansOf(sinceTrace, problem.models) }),
        valid,
        ...(plan.guard && { guard: await guardOf(plan, plan.guard, session, valid.loss) }),
        ...(data.test && { test: await evaluate(task, session, "test", evaluationBatchSize) }),
      };
      const checked = await check(progress, last);
      return { ...point, ...(checked && { check: checked }) };
    },
    dispose: () => checker?.dispose(),
  };
}

/**
 * The loss on the guard, and what remains of the loss on all rows for those that the tuner sees.
 *
 * @param whole the loss on all validation rows
 */
async function guardOf(
  { task, seen, settings }: RunPlan,
  guard: Dataset,
  session: Session<TunerPrograms>,
  whole: number,
): Promise<NonNullable<TracePoint["guard"]>> {
  const alone: Task = { ...task, data: { ...task.data, valid: guard } };
  const batchSize = Math.min(settings.evaluationBatchSize, guard.rows);
  const { loss } = await evaluate(alone, session, "valid", batchSize);
  const others = whole * rowsThatCount(task.data.valid) - loss * rowsThatCount(guard);
  return { rows: guard.rows, loss, seen: others / rowsThatCount(seen.data.valid) };
}

/** Of each of the models that a problem trains at once. */
const meansOf = ({ steps, loss, penalty }: TrainingProgress["sinceTrace"], models = 1) => ({
  loss: loss / steps / models,
  penalty: penalty / steps / models,
});
