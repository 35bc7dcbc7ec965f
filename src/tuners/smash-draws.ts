import type { ArchitectureSpace, Task } from "../problem/problem.ts";
import { startValues, toUnconstrained, type Hyper, type HyperValues } from "../space/space.ts";
import { naturalAt } from "../space/unit.ts";
import { inputError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { uniformsAt, type RandomKey } from "../util/random.ts";

/**
 * The hyperparameters of a task that are its architecture.
 *
 * @throws {HypertrainError} if there are none.
 */
export function demandArchitecture(method: string, { problem }: Task): ArchitectureSpace {
  if (problem.architecture) return problem.architecture;
  throw inputError(
    `${method} must have an architecture to choose, but no hyperparameter of "${problem.name}" is one; add for example ${optionText("hyper", "width.*=64:8..128")} ${optionText("hyper", "activation.*=relu|tanh|gelu")} ${optionText("hyper", "skip.*=false|true")}`,
  );
}

/** An architecture drawn uniformly on its ranges, all other hyperparameters at their start, unconstrained: [size]. */
export function randomArchitecture(
  { problem }: Task,
  { names }: ArchitectureSpace,
  key: RandomKey,
  step: number,
): Float64Array {
  const { space } = problem;
  const draws = uniformsAt(key, step, names.length);
  const drawn = names.map((name, i) => [name, naturalAt(space.hypers[name] as Hyper, draws[i] as number)]);
  return toUnconstrained(space, { ...startValues(space), ...(Object.fromEntries(drawn) as HyperValues) });
}

/** The starts, but every integer of the architecture at its largest: all parameters are in use there. */
export function largestValues({ problem }: Task, { names }: ArchitectureSpace): HyperValues {
  const { hypers } = problem.space;
  const largest = names.flatMap((name) => {
    const hyper = hypers[name] as Hyper;
    return hyper.kind === "integer" ? [[name, hyper.high] as const] : [];
  });
  return { ...startValues(problem.space), ...Object.fromEntries(largest) };
}
