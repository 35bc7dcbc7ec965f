import { ownOptions } from "../../util/given.ts";
import { count, flag, fromZero, functionOf, type Rules } from "../../util/rule.ts";
import { innerProduct, plusScaled } from "../flat.ts";
import type { LinearSolver } from "./solver.ts";

/** How exact, and at what cost. */
export interface ConjugateGradientOptions {
  /** Largest |Hq - v| / |v| in round k = 0, 1, …; default HOAG's exponential schedule, {@link exponentialTolerance}. */
  readonly tolerance?: (round: number) => number;
  /** Most products with H of one solution; default 50. */
  readonly iterations?: number;
  /** ρ: solves (H + ρ I) q = v, for a network whose H is no better than semidefinite; default 0. */
  readonly damping?: number;
  /** Whether a round starts from the solution of the round before, as HOAG does; default true. */
  readonly warmStart?: boolean;
}

/**
 * HOAG's schedule of tolerances: `start * factor^k`, by default 0.1 and 0.9, which is summable as its convergence proof asks.
 *
 * @throws {HypertrainError} for a number below 0, or another option.
 */
export function exponentialTolerance(
  options: { readonly start?: number; readonly factor?: number } = {},
): (round: number) => number {
  const rules = { start: fromZero, factor: fromZero };
  const { start = 0.1, factor = 0.9 } = ownOptions("exponentialTolerance", options, rules);
  return (round) => start * factor ** round;
}

/** What options of {@link conjugateGradient} must be. */
export const cgRules: Rules<ConjugateGradientOptions> = {
  tolerance: functionOf<(round: number) => number>("of the round, such as exponentialTolerance()"),
  ...{ iterations: count, damping: fromZero, warmStart: flag },
};

/**
 * Conjugate gradient (Hestenes and Stiefel 1952), by default with the tolerances and warm starts of HOAG (Pedregosa 2016).
 *
 * Exact after as many products as there are weights, near it after about sqrt(condition number). Memory: v, q, r, p, H p and the last round's q, in double precision.
 * Where a direction has no positive curvature, H is not what the method assumes: it stops at the solution so far (truncated
 * Newton's rule), at v itself where there is none yet, and says so (`negativeCurvature`). A solution that it stops at may
 * have a residual many times as long as v. A warm start costs one more product, for its residual, and is
 * dropped where that is longer than v.
 *
 * @see Pedregosa, "Hyperparameter optimization with approximate gradient", 2016, https://arxiv.org/abs/1602.02355
 * @throws {HypertrainError} if `iterations` is not a positive integer, for a damping below 0, or for an option that is none of these.
 */
export function conjugateGradient(options: ConjugateGradientOptions = {}): LinearSolver {
  const {
    tolerance = exponentialTolerance(),
    iterations = 50,
    damping = 0,
    warmStart = true,
  } = ownOptions("conjugateGradient", options, cgRules);
  return {
    name: "cg",
    warmStart,
    async solve(product, v, round, start) {
      let products = 0;
      const damped = async (p: Float64Array): Promise<Float64Array> => {
        products++;
        return plusScaled(await product(p), p, damping);
      };
      const length = innerProduct(v, v);
      const goal = tolerance(round) ** 2 * length;
      let q: Float64Array = new Float64Array(v.length);
      let r = v;
      if (start?.some((value) => value !== 0)) {
        const left = plusScaled(v, await damped(start), -1);
        if (innerProduct(left, left) < length) [q, r] = [start, left];
      }
      let p = r;
      let squared = innerProduct(r, r);
      let bent = false;
      while (squared > goal && products < iterations) {
        const hp = await damped(p);
        const curvature = innerProduct(p, hp);
        // of H itself: the damped one may be as near 0 as it likes where H is indefinite
        bent = !(curvature > damping * innerProduct(p, p));
        if (bent) break;
        const step = squared / curvature;
        q = plusScaled(q, p, step);
        r = plusScaled(r, hp, -step);
        const before = squared;
        squared = innerProduct(r, r);
        p = plusScaled(r, p, squared / before);
      }
      const solution = q.some((value) => value !== 0) ? q : v;
      return { solution, products, ...(bent && { negativeCurvature: true }) };
    },
  };
}
