import { inputError } from "../../util/error.ts";

/**
 * Demands a share of a momentum that is kept.
 *
 * @throws {HypertrainError} unless it is on [0, 1): from 1 on nothing that was added is ever forgotten.
 */
export function demandMomentum(optimizer: string, momentum: number): void {
  if (momentum >= 0 && momentum < 1) return;
  throw inputError(
    `the momentum of ${optimizer} must be on [0, 1), but got ${momentum}; give the share of it that is kept, such as 0.9`,
  );
}
