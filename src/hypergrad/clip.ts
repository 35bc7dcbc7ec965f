import { hostVector, hostZeros, type HostArray } from "../util/host-array.ts";

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
  const norm = Math.hypot(...data);
  return norm <= limit ? gradient : hostVector(Float64Array.from(data, (value) => value * (limit / norm)));
}
