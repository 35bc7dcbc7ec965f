import { inputError } from "../../util/error.ts";

/** The factor on a step size at a training step, counted from 0. */
export type Schedule = (step: number) => number;

/** Always 1. */
export const constant = (): Schedule => () => 1;

/**
 * Multiplied by `factor` at each step in `at`, as PyTorch's `MultiStepLR`.
 *
 * ```ts
 * stepDecay({ at: [60, 120, 180], factor: 0.2 })(120); // 0.04
 * ```
 */
export const stepDecay =
  ({ at, factor }: { readonly at: readonly number[]; readonly factor: number }): Schedule =>
  (step) =>
    factor ** at.filter((decay) => decay <= step).length;

/**
 * Grows in equal steps from 1/steps at step 0 to 1 at step `steps - 1`, and stays there.
 *
 * @throws {HypertrainError} if `steps` is not a positive integer.
 */
export function linearWarmup({ steps }: { readonly steps: number }): Schedule {
  requireLength("linearWarmup", steps, 0);
  return (step) => Math.min(1, (step + 1) / steps);
}

/**
 * Falls along half a cosine from 1 to 0 at step `steps`, as PyTorch's `CosineAnnealingLR`, and stays there; the first
 * `warmup` steps (default 0) are a {@link linearWarmup}: `(1 + cos(pi (step - warmup) / (steps - warmup))) / 2` after them.
 *
 * @throws {HypertrainError} if `steps` is not an integer above `warmup`.
 */
export function cosine({
  steps,
  warmup = 0,
}: {
  readonly steps: number;
  readonly warmup?: number;
}): Schedule {
  requireLength("cosine", steps, warmup);
  return (step) => {
    if (step < warmup) return (step + 1) / warmup;
    const done = Math.min(1, (step - warmup) / (steps - warmup));
    return (1 + Math.cos(Math.PI * done)) / 2;
  };
}

function requireLength(name: string, steps: number, warmup: number): void {
  if (!(Number.isSafeInteger(steps) && Number.isSafeInteger(warmup) && warmup >= 0 && steps > warmup)) {
    throw inputError(
      `steps > warmup >= 0 must hold in whole numbers for ${name}, but got steps=${steps}, warmup=${warmup}; give the steps of the run`,
    );
  }
}
