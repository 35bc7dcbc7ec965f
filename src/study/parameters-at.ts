import type { Problem } from "../problem/problem.ts";
import type { HyperValues } from "../space/space.ts";
import { leavesOf, sizeOf } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";

/** How many weights the network of a problem has at these values; nothing where no hyperparameter changes that. */
export function parametersAt(
  { architecture }: Pick<Problem, "architecture">,
  values: Readonly<HyperValues>,
): number | undefined {
  if (!architecture) return undefined;
  const weights = leavesOf(architecture.alone(values).init(randomKey(0, "parameters")));
  return weights.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
}
