import { inputError } from "../util/error.ts";
import type { Hyper } from "./values.ts";

/** Within which a hyperparameter means what its name says; the ends are of the range that is given, values stay inside it. */
export interface NaturalRange {
  readonly low: number;
  readonly high: number;
}

/**
 * Demands that a hyperparameter is a number whose start, and whose range as far as it is given, lie in the natural one of its kind; a
 * kind that has none may be anything.
 *
 * @param name for messages
 * @throws {HypertrainError}
 */
export function demandNatural(name: string, natural: NaturalRange | undefined, hyper: Hyper): void {
  if (!natural) return;
  const must =
    natural.high === Infinity ? `at least ${natural.low}` : `from ${natural.low} to ${natural.high}`;
  if (hyper.kind === "choice") {
    throw inputError(
      `"${name}" must be a number ${must} with a range, but got a choice among ${hyper.options.join(", ")}; give it a start, low and high`,
    );
  }
  const { start, low = natural.low, high = natural.high } = hyper;
  if (low < natural.low || high > natural.high) {
    throw inputError(`the range of "${name}" must be ${must}, but got ${low} to ${high}; narrow it`);
  }
  if (start >= natural.low && start <= natural.high) return;
  throw inputError(`the start of "${name}" must be ${must}, but got ${start}; move it inside`);
}
