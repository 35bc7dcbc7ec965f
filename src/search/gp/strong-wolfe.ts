/**
 * A line search for the strong Wolfe conditions (Nocedal and Wright, "Numerical optimization", 2nd edition, 2006, algorithms 3.5
 * and 3.6).
 *
 * | symbol | meaning | name |
 * |---|---|---|
 * | t      | length of the step along the direction; 0 at the start | `step` |
 * | f, f'  | value and slope along the direction at t; f'(0) < 0 | `value`, `slope` |
 * | c1, c2 | 1e-4 and 0.9, the book's choice for quasi-Newton directions | `DECREASE`, `CURVATURE` |
 *
 *     f(t) <= f(0) + c1 t f'(0)   and   |f'(t)| <= c2 |f'(0)|
 *
 * The second condition makes s'y > 0 for the step s and the gradient's change y, without which a quasi-Newton method learns nothing
 * from a step.
 */

/** The function at one step along a direction. */
export interface StepTrial {
  readonly step: number;
  /** Not finite where the function cannot be computed: such a step is too long. */
  readonly value: number;
  readonly slope: number;
}

/**
 * The trial at an acceptable step up to `limit`, or nothing where rounding leaves none. First 1 is tried, or `limit` if that is
 * less. At `limit`, where the function may fall on, the first condition is enough.
 *
 * @param at the function along the direction.
 * @param start the trial at step 0, with a negative slope.
 */
export function strongWolfe<T extends StepTrial>(
  at: (step: number) => T,
  start: T,
  limit: number,
): T | undefined {
  let last = start;
  let step = Math.min(1, limit);
  for (let i = 0; i < EXPANSIONS; i++) {
    const trial = at(step);
    if (!decreases(trial, start) || (i > 0 && trial.value >= last.value)) return zoom(at, start, last, trial);
    if (isFlat(trial, start)) return trial;
    if (trial.slope >= 0) return zoom(at, start, trial, last);
    if (step >= limit) return trial;
    last = trial;
    step = Math.min(GROWTH * step, limit);
  }
  return last;
}

const DECREASE = 1e-4;
const CURVATURE = 0.9;
const EXPANSIONS = 10;
const GROWTH = 3;
const BISECTIONS = 20;

/** Between `low`, the best step that decreases enough, and `high`, so that the slope at `low` points to `high`. */
function zoom<T extends StepTrial>(at: (step: number) => T, start: T, low: T, high: T): T | undefined {
  for (let i = 0; i < BISECTIONS; i++) {
    const trial = at(between(low, high));
    if (!decreases(trial, start) || trial.value >= low.value) high = trial;
    else {
      if (isFlat(trial, start)) return trial;
      if (trial.slope * (high.step - low.step) >= 0) high = low;
      low = trial;
    }
  }
  return low === start ? undefined : low;
}

const decreases = (trial: StepTrial, start: StepTrial): boolean =>
  trial.value <= start.value + DECREASE * trial.step * start.slope;

const isFlat = (trial: StepTrial, start: StepTrial): boolean =>
  Math.abs(trial.slope) <= CURVATURE * Math.abs(start.slope);

/**
 * The minimum of the cubic with the values and slopes of both ends (Nocedal and Wright, equation 3.59), kept a tenth of the interval
 * away from them; the middle where there is none.
 */
function between(low: StepTrial, high: StepTrial): number {
  const width = high.step - low.step;
  const d1 = low.slope + high.slope - (3 * (high.value - low.value)) / width;
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - low.slope * high.slope);
  const share = 1 - (high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2);
  return low.step + width * (Number.isFinite(share) ? Math.min(Math.max(share, 0.1), 0.9) : 0.5);
}
