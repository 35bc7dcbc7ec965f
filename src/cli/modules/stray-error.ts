import { HypertrainError, inputError } from "../../util/error.ts";
import { placeOf, thrown } from "../../util/thrown.ts";

/**
 * The error of a command where something throws that nobody awaits, such as a timer or a promise: of the code of a module in one sentence, with its line; as it is
 * where it is hypertrain's own.
 */
export function strayError(cause: unknown): unknown {
  const own = cause instanceof Error && placeOf(cause) === "";
  if (own || cause instanceof HypertrainError) return cause;
  return inputError(
    `what a module leaves running, such as a timer or a promise, must not fail, but threw: ${thrown(cause)}; catch it there`,
    { cause },
  );
}
