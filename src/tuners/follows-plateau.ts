import { inputError } from "../util/error.ts";
import type { PreparedTuner } from "./tuner.ts";

/** Demands a method whose learning rates can be lowered on the way, by a plateau. @throws {HypertrainError} */
export function demandPlateau(
  method: string,
  { followsPlateau = false }: Pick<PreparedTuner, "followsPlateau">,
): void {
  if (followsPlateau) return;
  throw inputError(
    `learning rates that follow the validation loss must come with fixed, stn, centered-stn, delta-stn or a search, but got ${method}; take another schedule`,
  );
}
