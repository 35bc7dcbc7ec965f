import type { Task } from "../../problem/problem.ts";
import type { RunEnd } from "../../report/run-facts.ts";
import { keepsBounds, type Goals } from "../../search/goals.ts";
import { startValues } from "../../space/space.ts";
import { networkAt } from "../../study/network-at.ts";
import { measuresAfter } from "../../study/trial-measures.ts";

/** Whether a training with the start held fixed breaks bounds, as far as it is measured: of its network the weights are, its latency is not. */
export async function isBeyond(
  { best, final }: Pick<RunEnd, "best" | "final">,
  task: Task,
  { bounds }: Pick<Goals, "bounds">,
): Promise<boolean> {
  if (bounds.length === 0) return false;
  const { seconds, gradientEvaluations, epoch } = final;
  const network = await networkAt(task, startValues(task.problem.space));
  const measures = measuresAfter({}, { ...best, ...network, seconds, gradientEvaluations }, epoch);
  const known = bounds.filter(({ name }) => Object.hasOwn(measures, name));
  return !keepsBounds(measures, { bounds: known });
}
