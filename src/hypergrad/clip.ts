import { hostVector, hostZeros, type HostArray } from "../util/host-array.ts";
import { mostOf } from "../util/statistics.ts";

/**
 * A hypergradient g with a norm of at most c: `g min(1, c / |g|)`, and 0 where it is not finite.
 *
 * A window of training steps in which the weights explode has a hypergradient that is many orders too long, or not a number:
 * what it says of the direction is worth no more than that of any other window, and one step along it would end the
 * tuning.
 *
 * @param limit c; Infinity leaves g as it is
 */
export function clippedHypergradient(gradient: HostArray, limit: number): HostArray {
  if (limit === Infinity) return gradient;
  const { data, shape } = gradient;
  if (!data.every(Number.isFinite)) return hostZeros(shape);
  const norm = normOf(data);
  return norm <= limit ? gradient : hostVector(Float64Array.from(data, (value) => value * (limit / norm)));
}

/** |g|, in units of its greatest element, so that no square overflows; `Math.hypot(...data)` overflows the stack beyond some 100,000 of them. */
function normOf(data: HostArray["data"]): number {
  const sizes = Float64Array.from(data, Math.abs);
  const unit = mostOf(sizes);
  return unit && unit * Math.sqrt(sizes.reduce((sum, size) => sum + (size / unit) ** 2, 0));
}
