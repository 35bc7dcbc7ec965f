import { needError } from "./need.ts";
import type { PreparedTuner } from "./tuner.ts";

/** Demands a method whose learning rates can be lowered on the way, by a plateau. @throws {HypertrainError} */
export function demandPlateau(
  method: string,
  { followsPlateau = false }: Pick<PreparedTuner, "followsPlateau">,
): void {
  if (followsPlateau) return;
  throw needError(
    "plateau",
    `learning rates that follow the validation loss must come with a method that can lower them, but got ${method}; take another schedule, or a method that can`,
  );
}
