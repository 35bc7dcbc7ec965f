import type { Problem } from "../problem/problem.ts";
import { needError } from "./need.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Demands a method that hands on what a problem's training carries.
 *
 * @param method as messages name it
 * @param state what the method's training goes on from
 * @throws {HypertrainError}
 */
export function demandCarrying(
  method: string,
  problem: Pick<Problem, "name" | "carried">,
  state: Snapshot["state"],
): void {
  if (!problem.carried || state.carried) return;
  const layers = [...new Set(problem.carried.map(({ layer }) => `"${layer}"`))];
  const many = layers.length > 3 ? [...layers.slice(0, 3), `${layers.length - 3} others`] : layers;
  throw needError(
    "carry",
    `${method} must find a problem whose training carries nothing from step to step but weights, but "${problem.name}" carries a state of ${many.join(", ")}; take layers without one, such as group-norm in the place of batch-norm, or a method that hands it on`,
  );
}
