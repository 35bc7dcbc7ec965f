import type { HyperPoint, Score } from "../api/trace.ts";
import { rowsThatCount, type Dataset } from "../data/dataset.ts";
import type { ProgramRunner, Session } from "../engine/engine.ts";
import type { Problem, Task } from "../problem/problem.ts";
import { naturalBand, naturalValues } from "../space/space.ts";
import { softplus } from "../space/transform.ts";
import { scalarOf } from "../util/host-array.ts";
import type { EvaluationPrograms } from "./evaluate.ts";
import { overRows } from "./over-rows.ts";

/** The score of the trained network on one part of the data, dropout off. */
export async function evaluate(
  task: Task,
  session: ProgramRunner<EvaluationPrograms>,
  part: "valid" | "test",
  batchSize: number,
): Promise<Score> {
  const data = task.data[part] as Dataset;
  let loss = 0;
  let metric = 0;
  let details: number[] = [];
  for await (const sums of overRows(task.problem, data, batchSize, (rows) => session.run("evaluate", rows))) {
    loss += scalarOf(sums.loss);
    if (sums.metric) metric += scalarOf(sums.metric);
    if (sums.details) details = Array.from(sums.details.data, (sum, i) => sum + (details[i] ?? 0));
  }
  const described = task.problem.metric;
  const rows = rowsThatCount(data);
  if (!described) return { loss: loss / rows };
  const mean = metric / rows;
  return {
    loss: loss / rows,
    metric: { name: described.name, value: described.finish?.(mean, part) ?? mean },
    ...described.details?.finish(details, part),
  };
}

/** The hyperparameters of a session's state in natural units, with their scales where the method has any. */
export async function hyperPoints(
  { space }: Problem,
  session: Pick<Session<EvaluationPrograms>, "read">,
): Promise<Record<string, HyperPoint>> {
  const { hypers, scales } = await session.read(["hypers", "scales"]);
  const values = naturalValues(space, hypers.data);
  if (!scales)
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value } as HyperPoint]));
  const sigma = Array.from(scales.data, softplus.forward);
  const bands = naturalBand(space, hypers.data, sigma);
  let at = 0;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const count = Array.isArray(value) ? value.length : 1;
      const own = sigma.slice(at, (at += count));
      const band = bands[name] as { low: number; high: number };
      const scale = Array.isArray(value) ? own : (own[0] as number);
      return [name, { value, scale, band: [band.low, band.high] } as HyperPoint];
    }),
  );
}
