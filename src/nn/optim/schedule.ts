import { briefText } from "../../util/brief-text.ts";
import { inputError } from "../../util/error.ts";
import { demandNothing, ownOptions } from "../../util/given.ts";
import { optionText } from "../../util/option-text.ts";
import { count, fromZero, functionOf, integer, listOf, needed, positive } from "../../util/rule.ts";

/** The factor on a step size at a training step, counted from 0. */
export type Schedule = (step: number) => number;

/** What a schedule must be. */
export const aSchedule = functionOf<Schedule>("of the training step, such as constant()");

/**
 * A schedule whose factors are looked at: a negative one would go up the gradient.
 *
 * @param option the option that it is
 * @throws {HypertrainError} at a step whose factor is no finite number of at least 0.
 */
export const checkedSchedule =
  <Beside extends readonly unknown[]>(
    option: string,
    schedule: (step: number, ...beside: Beside) => number,
  ): typeof schedule =>
  (step, ...beside) => {
    const factor: unknown = schedule(step, ...beside);
    if (fromZero.holds(factor)) return factor as number; // as the rule says
    throw inputError(
      `${optionText(option)} must return ${fromZero.must}, for every step, but returned ${briefText(factor)} for step ${step}; correct it`,
    );
  };

/** Always 1. @throws {HypertrainError} for an argument: it is a factor, and not the learning rate. */
export const constant: () => Schedule = (...given: readonly unknown[]) => {
  demandNothing(
    "constant",
    given,
    "a schedule is a factor on the learning rate, which is an option of the tuner",
  );
  return () => 1;
};

/**
 * Multiplied by `factor` at each step in `at`, as PyTorch's `MultiStepLR`.
 *
 * ```ts
 * stepDecay({ at: [60, 120, 180], factor: 0.2 })(120); // 0.04
 * ```
 *
 * @throws {HypertrainError} for a step that is no whole number, or a factor that is not positive.
 */
export function stepDecay(options: { readonly at: readonly number[]; readonly factor: number }): Schedule {
  const rules = { at: needed(listOf(integer(0))), factor: needed(positive) };
  const { at, factor } = ownOptions("stepDecay", options, rules);
  return (step) => factor ** at.filter((decay) => decay <= step).length;
}

/**
 * Grows in equal steps from 1/steps at step 0 to 1 at step `steps - 1`, and stays there.
 *
 * @throws {HypertrainError} if `steps` is not a positive integer.
 */
export function linearWarmup(options: { readonly steps: number }): Schedule {
  const { steps } = ownOptions("linearWarmup", options, { steps: needed(count) });
  return (step) => Math.min(1, (step + 1) / steps);
}

/**
 * 1 for the first `after` steps, then `after / (step + 1)`: what is left to go has no bound, but noise is averaged out (Robbins and Monro 1951).
 *
 * ```ts
 * inverseTime({ after: 300 })(599); // 0.5
 * ```
 *
 * @throws {HypertrainError} if `after` is not a positive integer.
 */
export function inverseTime(options: { readonly after: number }): Schedule {
  const { after } = ownOptions("inverseTime", options, { after: needed(count) });
  return (step) => Math.min(1, after / (step + 1));
}

/**
 * Falls along half a cosine from 1 to 0 at step `steps`, as PyTorch's `CosineAnnealingLR`, and stays there; the first
 * `warmup` steps (default 0) are a {@link linearWarmup}: `(1 + cos(pi (step - warmup) / (steps - warmup))) / 2` after them.
 *
 * @throws {HypertrainError} if `steps` is not an integer above `warmup`.
 */
export function cosine(options: { readonly steps: number; readonly warmup?: number }): Schedule {
  const rules = { steps: needed(count), warmup: integer(0) };
  const { steps, warmup = 0 } = ownOptions("cosine", options, rules);
  if (steps <= warmup) {
    throw inputError(
      `steps > warmup must hold for cosine, but got steps=${steps}, warmup=${warmup}; give the steps of the run`,
    );
  }
  return (step) => {
    if (step < warmup) return (step + 1) / warmup;
    const done = Math.min(1, (step - warmup) / (steps - warmup));
    return (1 + Math.cos(Math.PI * done)) / 2;
  };
}
