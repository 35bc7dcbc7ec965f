import type { Task } from "../problem/problem.ts";
import { createSpace, type Hyper, type HyperValues } from "../space/space.ts";

/**
 * The task with its hyperparameters starting at these values; those that the values lack stay. All elements of one with a shape share
 * a start.
 */
export function startingAt({ problem, data }: Task, values: Readonly<HyperValues>): Task {
  const hypers = Object.entries(problem.space.hypers).map(([name, hyper]) => [
    name,
    name in values ? ({ ...hyper, start: values[name] } as Hyper) : hyper,
  ]);
  const space = createSpace(Object.fromEntries(hypers) as Record<string, Hyper>);
  return { problem: { ...problem, space }, data };
}
